/** A state of the explorer as views keep it, and back. The image that is open stands beside it, a note never. */

import { fromParams, toQuery } from "../circuit/model/address";
import type { ViewState } from "../circuit/types";
import type { View } from "./types";

/** The query without its question mark, and the image. */
export function kept(state: ViewState): { state: string; analysis: string | null } {
  const query = toQuery({ ...state, panel: "inspector", analysis: null, note: null });
  return { state: query.slice(1), analysis: state.analysis };
}

/** The state behind a view; `foreign` where a newer version of the explorer wrote it. */
export function stateOf(query: string, analysis: string | null): { state: ViewState; foreign: boolean } {
  const { state, foreign } = fromParams(new URLSearchParams(query));
  return { state: analysis === null ? state : { ...state, panel: "image", analysis }, foreign };
}

/** Where a view opens for who sees its circuit. */
export function addressOf({ circuit, state, analysis }: Pick<View, "circuit" | "state" | "analysis">): string {
  const read = stateOf(state, analysis?.id ?? null);
  return `/circuits/${encodeURIComponent(circuit.id)}${read.foreign ? `?${state}` : toQuery(read.state)}`;
}
