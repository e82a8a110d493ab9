/** The target of an arrow key: up and down along the strongest edge, left and right within the layer. */

import type { NodeId, ViewGraph, ViewNode } from "../../circuit/types";
import type { Point } from "./geometry";

export type Way = "up" | "down" | "left" | "right";

/** The node in direction `way` from `id`; null at the border. */
export function neighbour(view: ViewGraph, places: ReadonlyMap<NodeId, Point>, id: NodeId, way: Way): NodeId | null {
  const node = view.nodes.find((one) => one.id === id);
  if (!node) return null;
  if (way === "left" || way === "right") return beside(view, places, node, way === "left" ? -1 : 1);
  return along(view, places, node, way) ?? around(view, places, node, way);
}

/** The other end of the strongest edge. */
function along(view: ViewGraph, places: ReadonlyMap<NodeId, Point>, node: ViewNode, way: "up" | "down"): NodeId | null {
  const [near, far] = way === "up" ? (["source", "target"] as const) : (["target", "source"] as const);
  let best: { id: NodeId; weight: number } | null = null;
  for (const edge of view.edges) {
    if (edge[near] !== node.id || !places.has(edge[far])) continue;
    const weight = Math.abs(edge.weight);
    if (!best || weight > best.weight || (weight === best.weight && edge[far] < best.id))
      best = { id: edge[far], weight };
  }
  return best?.id ?? null;
}

/** For nodes without edges: from a box to its parts, and from a part to its box. */
function around(
  view: ViewGraph,
  places: ReadonlyMap<NodeId, Point>,
  node: ViewNode,
  way: "up" | "down",
): NodeId | null {
  if (node.parent !== null) return way === "up" ? node.parent : null;
  if (way === "up") {
    const parts = view.nodes.filter((one) => one.parent === node.id);
    for (const part of parts) {
      const above = along(view, places, part, "up");
      if (above !== null) return above;
    }
    return null;
  }
  return view.nodes.find((one) => one.parent === node.id)?.id ?? null;
}

/** The next node in the row; for a part, the next part of its box, and after the last one the box's neighbour. */
function beside(view: ViewGraph, places: ReadonlyMap<NodeId, Point>, node: ViewNode, step: -1 | 1): NodeId | null {
  const row = view.nodes.filter((one) => one.layer === node.layer && one.parent === node.parent && places.has(one.id));
  if (node.parent === null) row.sort((a, b) => before(places.get(a.id), places.get(b.id)));
  const next = row[row.indexOf(node) + step];
  if (next) return next.id;
  const box = view.nodes.find((one) => one.id === node.parent);
  return box ? beside(view, places, box, step) : null;
}

function before(a: Point | undefined, b: Point | undefined): number {
  return (a?.x ?? 0) - (b?.x ?? 0) || (a?.y ?? 0) - (b?.y ?? 0);
}
