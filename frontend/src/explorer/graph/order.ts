/** The order of the groups in each layer with few crossing edges: ELK's input and output. */

import type { ElkNode } from "elkjs/lib/elk-api.js";
import type { GroupId, ViewGraph } from "../../circuit/types";

/** What the layout needs to know of a circuit: all of it, without filters. */
export interface Structure {
  layers: readonly { position: number; name: string }[];
  groups: readonly { id: GroupId; layer: string }[];
  edges: readonly { source: GroupId; target: GroupId; weight: number }[];
}

/** Groups of each layer from left to right, by the layer's position. */
export type Order = ReadonlyMap<number, readonly GroupId[]>;

/** The number of edges used for the layout. More would take seconds, and are faint. */
const STRONGEST = 2000;
const SIDE = 100;
const PITCH = 200;

/** The structure of the view, if the circuit is unknown. */
export function structureOf(view: ViewGraph): Structure {
  const names = new Map(view.layers.map((layer) => [layer.position, layer.name]));
  const whole = view.nodes.filter((node) => node.parent === null);
  const shown = new Set(whole.map((node) => node.id));
  return {
    layers: view.layers,
    groups: whole.map((node) => ({ id: node.id, layer: names.get(node.layer) ?? "" })),
    edges: view.edges.filter((edge) => shown.has(edge.source) && shown.has(edge.target)),
  };
}

/** Groups by number: the start of the layout, and the order without one. */
export function givenOrder(structure: Structure): Map<number, GroupId[]> {
  const positions = new Map(structure.layers.map((layer) => [layer.name, layer.position]));
  const rows = new Map<number, GroupId[]>(structure.layers.map((layer) => [layer.position, []]));
  for (const group of structure.groups) rows.get(positions.get(group.layer) ?? -1)?.push(group.id);
  return rows;
}

/** Equal for circuits that get the same layout. */
export function structureKey(structure: Structure): string {
  const edges = strongest(structure).map((edge) => `${edge.source}>${edge.target}`);
  return JSON.stringify([[...givenOrder(structure)], edges]);
}

/** The edges that the layout uses, in the same order at each visit. */
export function strongest(structure: Structure, limit = STRONGEST): Structure["edges"] {
  const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...structure.edges]
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || byName(a.source, b.source) || byName(a.target, b.target))
    .slice(0, limit);
}

/**
 * ELK's input. Layers are fixed by the nodes' positions (interactive layering): partitions would do it, too,
 * but ELK joins every node of one to every node of the next, which takes minutes for a thousand.
 */
export function elkGraph(structure: Structure): ElkNode {
  const rows = givenOrder(structure);
  const heavy = strongest(structure);
  const row = new Map([...rows].flatMap(([position, ids]) => ids.map((id) => [id, position] as const)));
  const edges = heavy.filter(({ source, target }) => (row.get(source) ?? 0) < (row.get(target) ?? 0));
  return {
    id: "circuit",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "UP",
      "elk.randomSeed": "1",
      "elk.separateConnectedComponents": "false",
      "elk.layered.cycleBreaking.strategy": "INTERACTIVE",
      "elk.layered.layering.strategy": "INTERACTIVE",
      "elk.layered.nodePlacement.strategy": "SIMPLE",
      "elk.layered.thoroughness": edges.length > 600 ? "1" : "10",
      "elk.edgeRouting": "POLYLINE",
    },
    children: [...rows].flatMap(([position, ids]) =>
      ids.map((id, i) => ({ id, width: SIDE, height: SIDE, x: i * PITCH, y: -position * PITCH })),
    ),
    edges: edges.map((edge, i) => ({ id: `edge ${i}`, sources: [edge.source], targets: [edge.target] })),
  };
}

/** The order in ELK's output. */
export function readOrder(structure: Structure, answer: ElkNode): Order {
  const x = new Map((answer.children ?? []).map((child) => [child.id, child.x ?? 0]));
  const rows = givenOrder(structure);
  for (const ids of rows.values()) ids.sort((a, b) => (x.get(a) ?? 0) - (x.get(b) ?? 0));
  return rows;
}
