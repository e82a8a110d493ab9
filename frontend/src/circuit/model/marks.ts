/** The marks of nodes: whether an open image fires them, and the number of their notes. */

import { chance } from "../section_words";
import type { GroupId, NodeId, Reading, ViewGraph, ViewNode } from "../types";

/** `neither` for a group that does not fire here, and usually does not. */
export type Lit = "fires" | "silent" | "neither";

export interface Mark {
  lit: Lit;
  /** `M`. */
  score: number;
  /** The percentile among the circuit's traced images; null without traced images. */
  percentile: number | null;
  /** The class's probability, for its node. */
  probability: number | null;
}

export type Marks = ReadonlyMap<NodeId, Mark>;

/** The marks of nodes: for super-groups the highest of their groups. Parts, and groups without a score, have none. */
export function marksOf(view: ViewGraph, reading: Reading): Marks {
  const read = new Map(reading.groups.map((group) => [group.id, group]));
  const marks = new Map<NodeId, Mark>();
  for (const node of view.nodes) {
    const members = node.kind === "part" ? [] : node.members.flatMap((id) => read.get(id) ?? []);
    const [first] = members;
    if (!first) continue;
    const highest = members.reduce((one, other) => (rank(other) > rank(one) ? other : one), first);
    const fires = members.some((group) => group.fires);
    marks.set(node.id, {
      lit: fires ? "fires" : members.some((group) => group.silent) ? "silent" : "neither",
      score: highest.score,
      percentile: highest.percentile,
      probability: node.kind === "class" ? reading.target.probability : null,
    });
  }
  return marks;
}

const rank = ({ percentile, score }: { percentile: number | null; score: number }) => (percentile ?? 0) * 1e6 + score;

/** Longer names are cut if a figure follows, so that the figure stays visible. */
const LONGEST = 9;
const LONGEST_CLASS = 28;

/** The node's label with the image's figure: `3 · 82`, `class cat · 91 %`. */
export function markedLabel({ label }: Pick<ViewNode, "label">, mark: Mark | undefined): string {
  if (!mark) return label;
  const longest = mark.probability === null ? LONGEST : LONGEST_CLASS;
  const cut = label.length > longest ? `${label.slice(0, longest - 2)}…` : label;
  return `${cut} · ${markText(mark)}`;
}

export function markText({ probability, percentile, score }: Mark): string {
  if (probability !== null) return chance(probability);
  return percentile === null ? score.toFixed(2) : String(Math.round(percentile));
}

/** A mark in a word, for legends and lists. */
export const LIT_WORDS: Readonly<Record<Lit, string>> = { fires: "fires", silent: "silent", neither: "–" };

/** The number of notes of nodes that have any. */
export type NoteCounts = ReadonlyMap<NodeId, number>;

/** The notes of nodes: for super-groups those of all their groups. Parts have none. */
export function noteCounts(view: ViewGraph, groups: ReadonlyMap<GroupId, number>): NoteCounts {
  const counts = new Map<NodeId, number>();
  for (const node of view.nodes) {
    if (node.kind === "part") continue;
    const sum = node.members.reduce((total, id) => total + (groups.get(id) ?? 0), 0);
    if (sum > 0) counts.set(node.id, sum);
  }
  return counts;
}
