/** The user's edits of a view, as pure changes of its state. */

import type { GroupId, NodeId, ViewState } from "../types";
import type { Circuit } from "./circuit";
import { readPart, superId } from "./ids";
import { DEFAULTS } from "./state";

export type Change = Partial<ViewState>;

/** Expands or collapses a group; for a part, collapses its group. Does nothing for super-groups. */
export function toggleExpand(state: ViewState, circuit: Circuit, node: NodeId): Change | null {
  const group = readPart(node)?.group ?? node;
  if (!circuit.groups.has(group) || state.merge.flat().includes(group)) return null;
  if (!state.expand.includes(group)) return { expand: [...state.expand, group] };
  const inside = (id: NodeId | null | undefined) => id?.startsWith(`${group}#`) || id?.includes(`>${group}#`);
  return {
    expand: state.expand.filter((id) => id !== group),
    ...(inside(state.select) ? { select: group } : {}),
    ...(inside(state.around?.node) && state.around ? { around: { ...state.around, node: group } } : {}),
  };
}

/** The groups of a node. */
export function groupsOf(state: ViewState, circuit: Circuit, node: NodeId): GroupId[] {
  if (circuit.groups.has(node)) return [node];
  const part = readPart(node);
  if (part && circuit.groups.has(part.group)) return [part.group];
  return state.merge.find((members) => superId(members) === node) ?? [];
}

/** Merges nodes to a super-group. Returns a sentence with the reason if that is not possible. */
export function mergeNodes(state: ViewState, circuit: Circuit, nodes: readonly NodeId[]): Change | string {
  const groups = [...new Set(nodes.flatMap((node) => groupsOf(state, circuit, node)))];
  if (groups.length < 2) return "Mark at least two groups of the same layer: Shift-click them, or press m.";
  const layers = new Set(groups.map((id) => circuit.groups.get(id)?.layer));
  if (layers.size > 1) return "You can only merge groups of the same layer.";
  const numbers = groups
    .map((id) => [id, circuit.groups.get(id)?.number ?? 0] as const)
    .sort((a, b) => a[1] - b[1])
    .map(([id]) => id);
  const merge = [...state.merge.filter((members) => !members.some((id) => groups.includes(id))), numbers];
  const id = superId(numbers);
  return {
    merge,
    expand: state.expand.filter((each) => !groups.includes(each)),
    ...stillThere(state, circuit, merge, id),
    select: id,
  };
}

/** Splits a super-group into its groups again. */
export function split(state: ViewState, circuit: Circuit, node: NodeId): Change | null {
  const members = state.merge.find((each) => superId(each) === node);
  const first = members?.[0];
  if (!members || first === undefined) return null;
  const merge = state.merge.filter((each) => each !== members);
  return { merge, ...stillThere(state, circuit, merge, first), select: first };
}

/** Resets the filters, and keeps super-groups, expanded groups and moves. */
export const RESET_FILTERS: Change = Object.freeze({
  influence: DEFAULTS.influence,
  sign: DEFAULTS.sign,
  hide: [],
  weight: DEFAULTS.weight,
  search: DEFAULTS.search,
  around: null,
});

export function isFiltered(state: ViewState): boolean {
  const { influence, sign, hide, weight, search, around } = state;
  const plain = influence === DEFAULTS.influence && sign === DEFAULTS.sign && weight === DEFAULTS.weight;
  return !plain || hide.length > 0 || search !== "" || around !== null;
}

/** Moves and `around` of nodes that no longer exist are removed, or transferred to `instead`. */
function stillThere(state: ViewState, circuit: Circuit, merge: readonly GroupId[][], instead: NodeId): Change {
  const hidden = new Set(merge.flat());
  const supers = new Set(merge.map(superId));
  const is = (id: NodeId) => supers.has(id) || !hidden.has(readPart(id)?.group ?? id);
  const gone = (id: NodeId) => !is(id) || (!circuit.groups.has(id) && !readPart(id) && !supers.has(id));
  return {
    moves: Object.fromEntries(Object.entries(state.moves).filter(([id]) => !gone(id))),
    around: state.around && gone(state.around.node) ? { ...state.around, node: instead } : state.around,
  };
}
