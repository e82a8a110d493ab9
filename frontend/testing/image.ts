/** An image inspected with the small circuit of the inspector's tests, for the lens's own. */

import type { AnalysisCard, GroupReading, FinishedAnalysis, Place } from "../src/circuit/types";
import { LensApi } from "../src/lens/lens_api";
import type { LensContext } from "../src/lens/lens_context";
import { OVERVIEW } from "./circuit";

/** A place of 2 × 2 cells; the bytes run row by row. */
export const placeOf = (bytes: readonly number[], highest: number): Place => ({
  width: 2,
  height: 2,
  values: btoa(String.fromCharCode(...bytes)),
  highest,
});

const group = (id: string, layer: string, change: Partial<GroupReading>): GroupReading => ({
  id,
  layer,
  score: 1,
  percentile: 50,
  fires: true,
  silent: false,
  usual: 0.9,
  best: [{ crop: 1, score: 1 }],
  place: placeOf([255, 0, 0, 0], 1),
  ...change,
});

const TARGET = { index: 1, name: "cat & <i>co</i>", logit: 2.5, probability: 0.125 };

export const CARD: AnalysisCard = {
  id: "photo-7k2m9",
  name: "photo <img src=x onerror=alert(1)>.png",
  circuit: { id: OVERVIEW.id, name: "cat" },
  source: "upload",
  label: null,
  state: "succeeded",
  current: true,
  width: 200,
  height: 100,
  picture: "/picture",
  predicted: "<b>dog</b>",
  probability: 0.75,
  created_at: "2026-01-01T12:00:00Z",
  computed_at: "2026-01-01T12:00:01Z",
  job: { id: "job-1", stage: null, fraction: 1, remaining_seconds: null, cancel_requested: false, problem: null },
};

/** `low/1` fires at the left top, `mid/x/1` everywhere, `low/2` is silent, `mid/x/2` does neither. */
export const INSPECTED: FinishedAnalysis = {
  ...CARD,
  truth: null,
  reading: {
    width: 200,
    height: 100,
    area: { left: 50, top: 0, right: 150, bottom: 100 },
    crops: [
      { left: 50, top: 0, right: 150, bottom: 100 },
      { left: 50, top: 0, right: 100, bottom: 50 },
    ],
    classes: [
      { index: 2, name: "<b>dog</b>", logit: 5, probability: 0.75 },
      { index: 0, name: "bird", logit: 2, probability: 0.0625 },
    ],
    target: TARGET,
    groups: [
      group("low/1", "low", { percentile: 20, score: 0.8, place: placeOf([255, 0, 0, 0], 0.8) }),
      group("low/2", "low", {
        percentile: 2,
        score: 0.1,
        fires: false,
        silent: true,
        place: placeOf([255, 9, 0, 0], 0.1),
      }),
      group("mid/x/1", "mid/x", { percentile: 82.4, score: 1.3, place: placeOf([255, 200, 180, 255], 1.5) }),
      group("mid/x/2", "mid/x", { percentile: 30, score: 0.2, fires: false, place: placeOf([0, 0, 0, 0], 0) }),
      group("fc/1", "fc", { percentile: 5, score: 0.4, fires: false, silent: true }),
    ],
  },
};

/** A context whose hands note in `done` what they are asked for. */
export function contextOf(done: string[] = [], analysis: FinishedAnalysis = INSPECTED): LensContext {
  return {
    analysis,
    overview: OVERVIEW,
    api: new LensApi(OVERVIEW.id),
    signal: new AbortController().signal,
    select: (id) => done.push(`select ${id}`),
    hover: (id) => done.push(`hover ${id}`),
    open: (card) => done.push(`open ${card.id}`),
    define: (term) => done.push(`define ${term}`),
  };
}
