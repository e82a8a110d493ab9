/** The state of a view: as saved, as an address, and in a sentence. */

import { at } from "../api/address";
import { count } from "../base/format";
import { fromParams, toQuery } from "../circuit/model/address";
import { nameOf } from "../circuit/model/rows";
import type { ViewGraph, ViewState } from "../circuit/types";
import type { View } from "./types";

/** The query without its question mark, and the id of the analysis. */
export function kept(state: ViewState): { state: string; analysis: string | null } {
  const query = toQuery({ ...state, panel: "inspector", analysis: null, note: null });
  return { state: query.slice(1), analysis: state.analysis };
}

/** The state of a view; `foreign` if a newer version of the explorer saved it. */
export function stateOf(query: string, analysis: string | null): { state: ViewState; foreign: boolean } {
  const { state, foreign } = fromParams(new URLSearchParams(query));
  return { state: analysis === null ? state : { ...state, panel: "image", analysis }, foreign };
}

/** The address of a view for users who can see its circuit. */
export function addressOf({ circuit, state, analysis }: Pick<View, "circuit" | "state" | "analysis">): string {
  const read = stateOf(state, analysis?.id ?? null);
  return at(`/circuits/${encodeURIComponent(circuit.id)}`) + (read.foreign ? `?${state}` : toQuery(read.state));
}

/** The contents of a view in a sentence. */
export function stateInWords(state: ViewState, view: ViewGraph): string {
  const chosen = nameOf(view, state.select);
  const filters = [
    state.influence < 100 && `groups for ${state.influence} % of the score`,
    state.weight > 0 && `edges ≥ ${state.weight} %`,
    state.sign !== "both" && `${state.sign} edges only`,
    state.hide.length > 0 && `${count(state.hide.length, "layer")} hidden`,
    state.search !== "" && `the search for “${state.search}”`,
    state.around && `groups connected to ${nameOf(view, state.around.node) ?? state.around.node}`,
  ];
  const parts = [
    chosen && `${chosen} selected`,
    ...filters,
    state.expand.length > 0 && `${count(state.expand.length, "group")} expanded`,
    state.merge.length > 0 && `${count(state.merge.length, "super-group")} merged`,
    Object.keys(state.moves).length > 0 && `${count(Object.keys(state.moves).length, "node")} moved`,
    state.analysis !== null && "the open image",
    state.show === "table" && "as a table",
  ].filter((part) => typeof part === "string");
  if (parts.length === 0) return "The whole circuit with the default layout.";
  return `The circuit with ${parts.join(", ").replace(/, ([^,]*)$/, " and $1")}.`;
}
