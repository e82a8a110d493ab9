/** The pairs of neurons and the patches of an edge, added up over the edges that it stands for. */

import type { EdgeDetail, Link } from "../../circuit/answers";
import { readPart } from "../../circuit/model/ids";
import type { NodeId } from "../../circuit/types";

/** Two neurons; `positive + negative` is what they add to the edge. */
export interface Pair {
  source: number;
  target: number;
  positive: number;
  negative: number;
}

export type WeighedPatch = NonNullable<EdgeDetail["patches"]>[number];

/** The net weight of a pair. */
export const net = ({ positive, negative }: Pair): number => positive + negative;

/** Pairs of neurons, sorted by the larger of their positive and negative parts, largest first. */
export function pairsOf(links: readonly Link[]): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const { source_channel: source, target_channel: target, weight } of links) {
    const key = `${source} ${target}`;
    const pair = pairs.get(key) ?? { source, target, positive: 0, negative: 0 };
    if (weight < 0) pair.negative += weight;
    else pair.positive += weight;
    pairs.set(key, pair);
  }
  const size = (pair: Pair) => Math.max(pair.positive, -pair.negative);
  return [...pairs.values()].sort((one, other) => size(other) - size(one));
}

/** The links between `source` and `target`, which can be parts; null if a detail has no links. */
export function linksBetween(details: readonly EdgeDetail[], source: NodeId, target: NodeId): Link[] | null {
  const lower = readPart(source);
  const upper = readPart(target);
  const found: Link[] = [];
  for (const { links } of details) {
    if (!links) return null;
    for (const link of links) {
      if (lower && (link.source_channel !== lower.channel || link.source_part !== lower.part)) continue;
      if (upper && (link.target_channel !== upper.channel || link.target_part !== upper.part)) continue;
      found.push(link);
    }
  }
  return found;
}

/** Patches with their summed weights, largest |weight| first; null if a detail has no patches. */
export function patchesOf(details: readonly EdgeDetail[]): WeighedPatch[] | null {
  const patches = new Map<number, WeighedPatch>();
  for (const detail of details) {
    if (!detail.patches) return null;
    for (const patch of detail.patches) {
      const weight = (patches.get(patch.position)?.weight ?? 0) + patch.weight;
      patches.set(patch.position, { ...patch, weight });
    }
  }
  return [...patches.values()].sort((one, other) => Math.abs(other.weight) - Math.abs(one.weight));
}

/** The positive and the negative part of a sum. */
export function partsOfSum(weights: readonly number[]): { positive: number; negative: number } {
  return {
    positive: weights.reduce((sum, weight) => sum + Math.max(0, weight), 0),
    negative: weights.reduce((sum, weight) => sum + Math.min(0, weight), 0),
  };
}
