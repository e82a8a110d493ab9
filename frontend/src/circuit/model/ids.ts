/**
 * Ids of nodes and edges: `layer/number`, `a+b`, `group#channel.part`, `source>target`.
 *
 * Names of layers can be any text, so ids are looked up instead of split.
 */

import type { EdgeId, GroupId, NodeId } from "../types";

/** The id of a super-group of sorted groups. */
export const superId = (members: readonly GroupId[]): NodeId => members.join("+");

/** The id of a part: a semantic group of a neuron of an expanded group. */
export const partId = (group: GroupId, channel: number, part: number): NodeId => `${group}#${channel}.${part}`;

export const edgeId = (source: NodeId, target: NodeId): EdgeId => `${source}>${target}`;

export interface PartName {
  group: GroupId;
  channel: number;
  part: number;
}

/** The group, channel and number in a part's id; null for other ids. */
export function readPart(id: NodeId): PartName | null {
  const found = /^(.*)#(\d+)\.(\d+)$/s.exec(id);
  if (!found) return null;
  return { group: found[1] ?? "", channel: Number(found[2]), part: Number(found[3]) };
}

/** The two ends in an edge's id; null if they are not nodes. */
export function edgeEnds(id: EdgeId, isNode: (id: NodeId) => boolean): readonly [NodeId, NodeId] | null {
  for (let at = id.indexOf(">"); at >= 0; at = id.indexOf(">", at + 1)) {
    const ends = [id.slice(0, at), id.slice(at + 1)] as const;
    if (isNode(ends[0]) && isNode(ends[1])) return ends;
  }
  return null;
}
