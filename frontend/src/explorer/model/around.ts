/** What leads to a node, what follows from it, or both, along the edges that are to be seen. */

import type { Direction, NodeId, ViewEdge, ViewNode } from "../types";
import { groupBy } from "./group_by";

/**
 * The ids of `start` and of all that is reached from it.
 *
 * A box and its parts are one place: who reaches the box goes on from its parts. Who reaches one part sees its box, but
 * goes on from that part alone.
 */
export function reached(
  nodes: readonly ViewNode[],
  edges: readonly ViewEdge[],
  start: NodeId,
  direction: Direction,
): Set<NodeId> {
  const up = direction === "down" ? [] : [...walk(nodes, edges, start, (edge) => [edge.source, edge.target])];
  const down = direction === "up" ? [] : [...walk(nodes, edges, start, (edge) => [edge.target, edge.source])];
  const found = new Set([...up, ...down]);
  for (const node of nodes) if (node.parent && found.has(node.id)) found.add(node.parent);
  return found;
}

function walk(
  nodes: readonly ViewNode[],
  edges: readonly ViewEdge[],
  start: NodeId,
  way: (edge: ViewEdge) => readonly [NodeId, NodeId],
): Set<NodeId> {
  const next = groupBy(edges, (edge) => way(edge)[0]);
  const parts = groupBy(
    nodes.filter((node) => node.parent),
    (node) => node.parent,
  );
  const found = new Set([start]);
  for (const id of found) {
    for (const part of parts.get(id) ?? []) found.add(part.id);
    for (const edge of next.get(id) ?? []) found.add(way(edge)[1]);
  }
  return found;
}
