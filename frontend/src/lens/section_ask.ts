/** How sections make requests: only the latest counts, long ones show progress, failures offer a retry. */

import { Problem, type Schemas } from "../api/client";
import { problemMessage, type Way } from "../base/message";
import { toast } from "../base/toast";
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

/** Signals for questions of which only the latest matters. */
export class Latest {
  private running = new AbortController();

  constructor(private readonly life: AbortSignal) {
    life.addEventListener("abort", () => this.stop());
  }

  /** Gives up what was asked before. */
  next(): AbortSignal {
    this.stop();
    this.running = new AbortController();
    if (this.life.aborted) this.running.abort();
    return this.running.signal;
  }

  stop(): void {
    this.running.abort();
  }
}

/** A measurement that is done; while it takes long, `place` shows how far it is. */
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
 * The result, once it is done: `again` requests it then.
 *
 * @throws Problem where it failed or was cancelled.
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

/** Shows a job in `place` until it has ended. */
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

/** A failure with an action: re-run if the circuit has changed, else try again if that may help. */
export function sectionProblem(context: LensContext, error: unknown, again: () => void): HTMLElement {
  return problemMessage(error, again, sectionWays(context)(error));
}

export function sectionWays(context: LensContext): (error: unknown) => Way[] {
  const look = { label: "Re-run", to: () => void lookAgain(context) };
  const isOutdated = (error: unknown) =>
    error instanceof Problem && error.status === 409 && /again|re-?run/i.test(error.detail);
  return (error) => (isOutdated(error) ? [look] : []);
}

async function lookAgain({ analysis, api, open }: LensContext): Promise<void> {
  try {
    open(await api.repeat(analysis.id));
  } catch (error) {
    toast(error instanceof Problem ? error.message : String(error), "bad");
  }
}
