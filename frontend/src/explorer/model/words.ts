/** What a node or an edge is called where there is no picture of it. */

import type { EdgeId, NodeId, ViewGraph, ViewNode } from "../types";
import { rowName } from "./rows";

/** `class cat`, `group 3 of layer4.1`, `neuron 12 of layer4.1`; null for what is not to be seen. */
export function nameOf(view: ViewGraph, id: NodeId | EdgeId | null): string | null {
  if (id === null) return null;
  const node = view.nodes.find((each) => each.id === id);
  if (node) return nodeName(view, node);
  const edge = view.edges.find((each) => each.id === id);
  return edge ? `edge from ${nameOf(view, edge.source)} to ${nameOf(view, edge.target)}` : null;
}

function nodeName(view: ViewGraph, node: ViewNode): string {
  if (node.kind === "class") return node.label;
  return `${rowName(node)} of ${view.layers.find((layer) => layer.position === node.layer)?.name ?? "?"}`;
}
