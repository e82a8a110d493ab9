/** How many notes hang on what is to be seen. */

import type { GroupId, NodeId, ViewGraph } from "../types";

/** Of the nodes that have any. */
export type NoteCounts = ReadonlyMap<NodeId, number>;

/** Of several groups together all count; parts of a group have none of their own. */
export function noteCounts(view: ViewGraph, groups: ReadonlyMap<GroupId, number>): NoteCounts {
  const counts = new Map<NodeId, number>();
  for (const node of view.nodes) {
    if (node.kind === "part") continue;
    const sum = node.members.reduce((total, id) => total + (groups.get(id) ?? 0), 0);
    if (sum > 0) counts.set(node.id, sum);
  }
  return counts;
}
