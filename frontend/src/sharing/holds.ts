/** What a view holds, in a sentence. */

import { count } from "../base/format";
import { nameOf } from "../circuit/model/rows";
import type { ViewGraph, ViewState } from "../circuit/types";

export function holds(state: ViewState, view: ViewGraph): string {
  const chosen = nameOf(view, state.select);
  const filters = [
    state.influence < 100 && `what accounts for ${state.influence} % of each layer`,
    state.weight > 0 && `edges from ${state.weight} % of the heaviest`,
    state.sign !== "both" && `${state.sign} edges only`,
    state.hide.length > 0 && `${count(state.hide.length, "layer")} left out`,
    state.search !== "" && `the search for “${state.search}”`,
    state.around && `only what is linked to ${nameOf(view, state.around.node) ?? state.around.node}`,
  ];
  const parts = [
    chosen && `${chosen} chosen`,
    ...filters,
    state.expand.length > 0 && `${count(state.expand.length, "group")} expanded`,
    state.merge.length > 0 && `${count(state.merge.length, "super-group")} merged`,
    Object.keys(state.moves).length > 0 && `${count(Object.keys(state.moves).length, "node")} moved by hand`,
    state.analysis !== null && "the image that is open",
    state.show === "table" && "as a table",
  ].filter((part) => typeof part === "string");
  if (parts.length === 0) return "The whole circuit, as it is laid out at first.";
  return `The circuit with ${parts.join(", ").replace(/, ([^,]*)$/, " and $1")}.`;
}
