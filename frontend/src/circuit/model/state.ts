/** The state of a view: its defaults, and its canonical form for a circuit. */

import type { EdgeId, GroupId, NodeId, ViewState } from "../types";
import type { Circuit } from "./circuit";
import { edgeEnds, readPart, superId } from "./ids";

export const DEFAULTS: Readonly<ViewState> = Object.freeze({
  select: null,
  expand: [],
  merge: [],
  influence: 100,
  sign: "both",
  hide: [],
  weight: 0,
  search: "",
  around: null,
  moves: {},
  show: "graph",
  inspector: 380,
  full: null,
  panel: "inspector",
  analysis: null,
  note: null,
});

/** Bounds of the inspector's width in pixels; 0 hides it. */
export const INSPECTOR = { least: 260, most: 1600 } as const;
const SEARCH_LENGTH = 200;
/** The ids that the server gives. */
const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const LONGEST_ID = 64;
/** How far a node can be moved, in the graph's own units. */
const FARTHEST = 999_999;

export interface Canonical {
  state: ViewState;
  /** What the state names but the circuit does not have, in words. */
  dropped: string[];
}

/**
 * The state in its canonical form: sorted, without repetitions, within bounds, and only with
 * groups and layers of the circuit.
 */
export function canonical(state: ViewState, circuit: Circuit): Canonical {
  const dropped: string[] = [];
  const drop = (text: string) => {
    dropped.push(text);
    return false;
  };
  const hasGroup = (id: GroupId) => circuit.groups.has(id) || drop(`group ${id}`);
  const merge = canonicalMerge(state.merge, circuit, hasGroup);
  const inSuper = new Set(merge.flat());
  const expand = [...new Set(state.expand)].filter((id) => !inSuper.has(id) && hasGroup(id)).sort(byPlace(circuit));
  const isNode = nodeTest(circuit, merge, null);
  const isShown = nodeTest(circuit, merge, expand);
  const isSelectable = (id: NodeId | EdgeId) => isShown(id) || edgeEnds(id, isShown) !== null;
  const { select, around } = state;
  const moves = Object.entries(withinBounds(state).moves).filter(
    ([id, { x, y }]) => (x !== 0 || y !== 0) && (isNode(id) || drop(`moved group ${id}`)),
  );
  return {
    state: {
      ...withinBounds(state),
      select: select !== null && (isSelectable(select) || drop(`selection ${select}`)) ? select : null,
      expand,
      merge,
      hide: circuit.layers.map(({ name }) => name).filter((name) => state.hide.includes(name)),
      around: around && (isShown(around.node) || drop(`group ${around.node}`)) ? around : null,
      moves: Object.fromEntries(moves.sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    dropped: [
      ...new Set([...dropped, ...state.hide.filter((name) => !circuit.layer.has(name)).map((n) => `layer ${n}`)]),
    ],
  };
}

/** Numbers and texts brought within their bounds; needs no circuit. */
export function withinBounds(state: ViewState): ViewState {
  return {
    ...state,
    influence: clamp(whole(state.influence), 1, 100),
    weight: clamp(whole(state.weight), 0, 100),
    search: [...state.search].slice(0, SEARCH_LENGTH).join(""),
    moves: Object.fromEntries(
      Object.entries(state.moves).map(([id, { x, y }]) => [id, { x: coordinate(x), y: coordinate(y) }]),
    ),
    analysis: isId(state.analysis) ? state.analysis : null,
    note: isId(state.note) ? state.note : null,
    inspector: state.inspector <= 0 ? 0 : clamp(whole(state.inspector), INSPECTOR.least, INSPECTOR.most),
  };
}

/** Super-groups of at least two groups of one layer below the class, each group in one super-group only. */
function canonicalMerge(
  merge: readonly (readonly GroupId[])[],
  circuit: Circuit,
  hasGroup: (id: GroupId) => boolean,
): GroupId[][] {
  const taken = new Set<GroupId>();
  const kept: GroupId[][] = [];
  for (const ids of merge) {
    const found = [...new Set(ids)].filter((id) => hasGroup(id) && !taken.has(id));
    const layer = circuit.groups.get(found[0] ?? "")?.layer;
    const together = found.filter((id) => circuit.groups.get(id)?.layer === layer).sort(byPlace(circuit));
    if (together.length < 2 || layer === circuit.top?.name) continue;
    for (const id of together) taken.add(id);
    kept.push(together);
  }
  const place = byPlace(circuit);
  return kept.sort(([a = ""], [b = ""]) => place(a, b));
}

/** Whether an id can be that of a node. If `expand` is null, parts of all groups are accepted. */
function nodeTest(circuit: Circuit, merge: readonly GroupId[][], expand: readonly GroupId[] | null) {
  const supers = new Set(merge.map(superId));
  const inSuper = new Set(merge.flat());
  return (id: NodeId): boolean => {
    if (supers.has(id)) return true;
    if (circuit.groups.has(id)) return !inSuper.has(id);
    const part = readPart(id);
    if (!part || (expand && !expand.includes(part.group))) return false;
    return circuit.groups.get(part.group)?.neurons.includes(part.channel) ?? false;
  };
}

function byPlace(circuit: Circuit): (a: GroupId, b: GroupId) => number {
  const place = (id: GroupId) => {
    const group = circuit.groups.get(id);
    return [circuit.layer.get(group?.layer ?? "")?.position ?? 0, group?.number ?? 0] as const;
  };
  return (a, b) => {
    const [one, other] = [place(a), place(b)];
    return one[0] - other[0] || one[1] - other[1];
  };
}

const isId = (id: string | null) => id !== null && id.length <= LONGEST_ID && ID.test(id);

/** Rounded, and never −0 or NaN. */
const whole = (value: number) => (Number.isFinite(value) ? Math.round(value) : 0) || 0;
const coordinate = (value: number) => clamp(whole(value), -FARTHEST, FARTHEST);
const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
