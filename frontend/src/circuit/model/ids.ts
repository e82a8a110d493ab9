/**
 * Names of what is visible: `layer/number`, `a+b`, `group#channel.part`, `source>target`.
 *
 * Layers' names are any text, so names are never split blindly: what they stand for is looked up.
 */

import type { EdgeId, GroupId, NodeId } from "../types";

/** A super-group of groups that are in order. */
export const superId = (members: readonly GroupId[]): NodeId => members.join("+");

/** A semantic group of a neuron of an expanded group. */
export const partId = (group: GroupId, channel: number, part: number): NodeId => `${group}#${channel}.${part}`;

export const edgeId = (source: NodeId, target: NodeId): EdgeId => `${source}>${target}`;

export interface PartName {
  group: GroupId;
  channel: number;
  part: number;
}

/** What a part's id says; null where it is no part's. */
export function readPart(id: NodeId): PartName | null {
  const found = /^(.*)#(\d+)\.(\d+)$/s.exec(id);
  if (!found) return null;
  return { group: found[1] ?? "", channel: Number(found[2]), part: Number(found[3]) };
}

/** The two ends of an edge's id, where both are nodes; null otherwise. */
export function edgeEnds(id: EdgeId, isNode: (id: NodeId) => boolean): readonly [NodeId, NodeId] | null {
  for (let at = id.indexOf(">"); at >= 0; at = id.indexOf(">", at + 1)) {
    const ends = [id.slice(0, at), id.slice(at + 1)] as const;
    if (isNode(ends[0]) && isNode(ends[1])) return ends;
  }
  return null;
}
