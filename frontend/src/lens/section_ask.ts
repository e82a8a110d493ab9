/** How sections make requests: only the latest counts, long ones show progress, failures offer a retry. */

import { Problem, type Schemas } from "../api/client";
import { attempt, load } from "../base/load";
import type { Way } from "../base/message";
import type { Measurement } from "../circuit/types";
import { LiveProgress } from "../jobs/live_progress";
import { OPEN_STATES } from "../jobs/watch_jobs";
import type { MeasurementIn } from "./lens_api";
import type { LensContext } from "./lens_context";

export type Question = Pick<MeasurementIn, "kind"> & Partial<Omit<MeasurementIn, "circuit">>;
interface Asked {
  state: Schemas["JobState"];
  job: Schemas["JobSummary"];
}

export const RANDOM_SETS = 20;

/** The finished measurement. If it takes long, `place` shows the progress. */
export async function measured(
  { api }: LensContext,
  question: Question,
  place: HTMLElement,
  signal: AbortSignal,
): Promise<Measurement> {
  const first = await api.measure({ groups: [], random_sets: RANDOM_SETS, seed: 0, ...question }, signal);
  return done(first, () => api.measurement(first.id, signal), place, signal);
}

/**
 * The finished result. If `first` is still running, waits for its job, and requests the result with `again`.
 *
 * @throws Problem if the job failed or was cancelled.
 */
export async function done<T extends Asked>(
  first: T,
  again: () => Promise<T>,
  place: HTMLElement,
  signal: AbortSignal,
): Promise<T> {
  let found = first;
  if (OPEN_STATES.has(found.state)) {
    await untilEnd(found.job, place, signal);
    found = await again();
  }
  if (found.state === "succeeded") return found;
  const { problem } = found.job;
  const stopped = found.state === "cancelled" || !problem;
  throw stopped
    ? new Problem(-1, "Cancelled", "The job was cancelled before it finished.")
    : new Problem(-1, problem.title, problem.detail);
}

/** Shows a job's progress in `place` until it ends. */
export function untilEnd(job: Schemas["JobSummary"], place: HTMLElement, signal: AbortSignal): Promise<void> {
  const live = new LiveProgress(job.id, job);
  place.replaceChildren(live.element);
  return new Promise((resolve, reject) => {
    const stop = () => {
      live.close();
      reject(new DOMException("No longer needed", "AbortError"));
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    live.on("finished", () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
  });
}

interface SectionPlace {
  sentence: HTMLElement;
  place: HTMLElement;
  signal: AbortSignal;
  /** What “Try again” does. */
  again: () => void;
}

/**
 * Fills a section's place with the content that `fetch` returns, which also writes the sentence above it. `waiting` is
 * the sentence until then. Returns whether the place was filled.
 */
export async function loadSection(
  context: LensContext,
  { sentence, place, signal, again }: SectionPlace,
  waiting: string,
  fetch: () => Promise<readonly Node[]>,
): Promise<boolean> {
  sentence.textContent = waiting;
  const options = { signal, waiting: null, ways: sectionWays(context), again };
  const filled = await load(place, fetch, options);
  if (!filled && !signal.aborted) sentence.textContent = "";
  return filled;
}

/** The action after a failure because the circuit has changed: to inspect the image again. */
export function sectionWays(context: LensContext): (error: unknown) => Way[] {
  const { analysis, api, open } = context;
  const rerun = { label: "Re-run", to: () => void attempt(async () => open(await api.repeat(analysis.id))) };
  const isOutdated = (error: unknown) =>
    error instanceof Problem && error.status === 409 && /again|re-?run/i.test(error.detail);
  return (error) => (isOutdated(error) ? [rerun] : []);
}
