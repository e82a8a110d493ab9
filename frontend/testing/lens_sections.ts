/** An image inspected through a small circuit, for the tests of the lens's sections, and an API that answers for it. */

import { vi } from "vitest";
import type { Analysis, AnalysisCard, GroupReading, FinishedAnalysis, Measurement } from "../src/circuit/types";
import { LensApi } from "../src/lens/lens_api";
import type { LensContext } from "../src/lens/lens_context";
import { OVERVIEW } from "./circuit";

const BOX = { left: 10, top: 20, right: 60, bottom: 70 };
export const JOB = {
  id: "job-1",
  stage: null,
  fraction: 0,
  remaining_seconds: null,
  cancel_requested: false,
  problem: null,
};

const reading = (id: string, percentile: number, fires: boolean): GroupReading => ({
  id,
  layer: id.slice(0, id.lastIndexOf("/")),
  score: percentile / 100,
  percentile,
  fires,
  silent: !fires,
  usual: 0.9,
  best: [{ crop: 0, score: 1 }],
  place: { width: 1, height: 1, values: "AA==", highest: 1 },
});

export const CLASS_NAMES = ["dog", "cat & <i>co</i>", "crane", "crane"];

export const CARD: AnalysisCard = {
  id: "photo-1",
  name: "photo <b>1</b>.jpg",
  circuit: { id: OVERVIEW.id, name: OVERVIEW.name },
  source: "upload",
  label: null,
  state: "succeeded",
  current: true,
  width: 100,
  height: 200,
  picture: "/photo",
  predicted: "dog",
  probability: 0.91,
  created_at: "2026-01-01T12:00:00Z",
  computed_at: "2026-01-01T12:00:01Z",
  job: JOB,
};

export const ANALYSIS: FinishedAnalysis = {
  ...CARD,
  truth: null,
  reading: {
    width: 100,
    height: 200,
    area: { left: 0, top: 50, right: 100, bottom: 150 },
    crops: [BOX],
    classes: [
      { index: 0, name: "dog", logit: 7.25, probability: 0.91 },
      { index: 1, name: "cat & <i>co</i>", logit: 4, probability: 0.08 },
    ],
    target: { index: 1, name: "cat & <i>co</i>", logit: 4, probability: 0.08 },
    groups: [
      reading("low/1", 82, true),
      reading("low/2", 3, false),
      reading("mid/x/1", 97, true),
      reading("mid/x/2", 1, false),
      reading("fc/1", 20, true),
    ],
  },
};

/** The same image through the circuit of another class. */
export function throughCircuit(circuit: string, index: number, name: string): Analysis {
  const target = { index, name, logit: 1, probability: 0.1 };
  const reading = { ...ANALYSIS.reading, target };
  return { ...ANALYSIS, id: `photo-of-${circuit}`, circuit: { id: circuit, name }, reading };
}

export function measurementOf(kind: Measurement["kind"], change: Partial<Measurement>): Measurement {
  return {
    id: `${kind}-1`,
    kind,
    circuit: OVERVIEW.id,
    analysis: ANALYSIS.id,
    groups: [],
    class: null,
    random_sets: 20,
    seed: 0,
    state: "succeeded",
    created_at: "2026-01-01T12:00:00Z",
    job: JOB,
    knock_out: null,
    held_out: null,
    ranking: null,
    pixels: null,
    ...change,
  };
}

export interface Asked {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  signal: AbortSignal;
}

/** An answer, a status of failure, or how to answer. */
type Answer = unknown | number | ((asked: Asked) => unknown);

/** Puts an API in the place of the network, by `GET /analyses` and the like; gives what was asked. */
export function stubLens(answers: Record<string, Answer>): Asked[] {
  const all: Asked[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url, "http://here");
    const path = decodeURIComponent(pathname).replace("/api/v1", "");
    const text = await request.text();
    const asked: Asked = {
      method: request.method,
      path,
      query: Object.fromEntries(searchParams),
      body: text ? JSON.parse(text) : null,
      signal: request.signal,
    };
    all.push(asked);
    const given = answers[`${request.method} ${path}`] ?? 404;
    const found: unknown = typeof given === "function" ? await given(asked) : given;
    if (request.signal.aborted) throw new DOMException("given up", "AbortError");
    const failed = typeof found === "number";
    const detail = found === 409 ? "The circuit was computed again since: look at the image again" : `No ${path}`;
    return new Response(JSON.stringify(failed ? { title: "It failed", detail } : found), {
      status: failed ? found : 200,
      headers: { "Content-Type": failed ? "application/problem+json" : "application/json" },
    });
  });
  return all;
}

/** The stream of changes of jobs, in the test's hands. */
export class JobStream extends EventTarget {
  static readonly all: JobStream[] = [];

  constructor(readonly url: string) {
    super();
    JobStream.all.push(this);
  }

  close(): void {
    // Nothing is held.
  }

  end(state: string): void {
    const job = { ...JOB, kind: "measure", state, stages: [], done: 0, total: 0, queue: "interactive", problem: null };
    this.dispatchEvent(new MessageEvent("end", { data: JSON.stringify(job) }));
  }
}

export type Hands = LensContext & { stop: AbortController };

export function lensContext(change: Partial<LensContext> = {}): Hands {
  const stop = new AbortController();
  return {
    analysis: ANALYSIS,
    overview: OVERVIEW,
    api: new LensApi(OVERVIEW.id),
    signal: stop.signal,
    select: vi.fn(),
    hover: vi.fn(),
    open: vi.fn(),
    define: vi.fn(),
    stop,
    ...change,
  };
}

/** The button, or link, that says this. */
export function button(root: HTMLElement, text: string | RegExp): HTMLElement {
  const all = [...root.querySelectorAll<HTMLElement>("button, a")];
  const says = (one: HTMLElement) =>
    [one.textContent, one.getAttribute("aria-label")].some((said) =>
      typeof text === "string" ? said === text : text.test(said ?? ""),
    );
  const found = all.find(says);
  if (!found) throw new Error(`no button ${text}: ${all.map(({ textContent }) => textContent).join(" | ")}`);
  return found;
}

export function type(input: Element | null, value: string): void {
  (input as HTMLInputElement).value = value;
  input?.dispatchEvent(new Event("input", { bubbles: true }));
}

export const words = (element: Element) => (element.textContent ?? "").replace(/\s+/g, " ").trim();

/** What a knock-out finds, for the tests of What if. */
export const CHANGE = {
  index: 0,
  name: "dog",
  logit: 7.25,
  logit_after: 4.5,
  random_logit: -0.2,
  random_logit_spread: 0.1,
  probability: 0.91,
  probability_after: 0.4,
  random_probability: -0.004,
  random_probability_spread: 0.003,
};
export const KNOCKED = {
  neurons: 41,
  classes: [CHANGE, { ...CHANGE, index: 1, name: "<img src=x>", probability: 0.05, probability_after: 0.55 }],
  predicted: "dog",
  predicted_after: "<img src=x>",
  random_sets: 20,
};
export const HELD = {
  class: "cat",
  images: 20,
  neurons: 41,
  accuracy: 0.95,
  accuracy_after: 0.4,
  random_accuracy: -0.01,
  random_accuracy_spread: 0.02,
  logit: 6.5,
  logit_after: 3.25,
  random_logit: -0.2,
  random_logit_spread: 0.1,
  random_sets: 20,
};
