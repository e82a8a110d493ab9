/** Finds all nodes and edges on paths through a node. */

import { groupBy } from "../../circuit/model/circuit";
import type { EdgeId, NodeId, ViewEdge, ViewGraph } from "../../circuit/types";

export interface Paths {
  nodes: Set<NodeId>;
  edges: Set<EdgeId>;
}

/** The paths through a node or an edge; for an expanded group, including those through its parts. */
export function pathsThrough(view: ViewGraph, id: NodeId | EdgeId): Paths {
  const edge = view.edges.find((one) => one.id === id);
  const starts = edge ? null : [id, ...view.nodes.filter((node) => node.parent === id).map((node) => node.id)];
  const found: Paths = { nodes: new Set(starts ?? []), edges: new Set(edge ? [edge.id] : []) };
  const out = groupBy(view.edges, (one) => one.source);
  const into = groupBy(view.edges, (one) => one.target);
  follow(
    starts ?? (edge ? [edge.target] : []),
    (node) => out.get(node),
    (one) => one.target,
    found,
  );
  follow(
    starts ?? (edge ? [edge.source] : []),
    (node) => into.get(node),
    (one) => one.source,
    found,
  );
  for (const node of view.nodes) if (node.parent !== null && found.nodes.has(node.id)) found.nodes.add(node.parent);
  return found;
}

function follow(
  starts: readonly NodeId[],
  edges: (node: NodeId) => readonly ViewEdge[] | undefined,
  end: (edge: ViewEdge) => NodeId,
  found: Paths,
): void {
  const seen = new Set(starts);
  const open = [...starts];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    found.nodes.add(node);
    for (const edge of edges(node) ?? []) {
      found.edges.add(edge.id);
      if (seen.has(end(edge))) continue;
      seen.add(end(edge));
      open.push(end(edge));
    }
  }
}
