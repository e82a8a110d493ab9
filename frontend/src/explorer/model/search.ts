/** Finding nodes by words: each word stands in the label, the layer or the id, or is the number of a neuron. */

import type { NodeId, ViewGraph, ViewNode } from "../types";

/** The nodes that hold all words of `text`; null where there is no word to look for. */
export function matches(view: ViewGraph, text: string): Set<NodeId> | null {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return null;
  const names = new Map(view.layers.map((layer) => [layer.position, layer.name]));
  const holds = (node: ViewNode) => {
    const told = [node.label, names.get(node.layer) ?? "", node.id, node.kind].join("\n").toLowerCase();
    return words.every((word) => told.includes(word) || (/^\d+$/.test(word) && node.neurons.includes(Number(word))));
  };
  return new Set(view.nodes.filter(holds).map((node) => node.id));
}
