/** The nodes of a view as rows of a table, and the names of nodes and edges. */

import type { ListedFigure } from "../group_figures";
import type { EdgeId, NodeId, ViewEdge, ViewGraph, ViewNode } from "../types";
import type { Circuit } from "./circuit";
import type { Mark, Marks } from "./marks";

export type Column = "label" | "layer" | "score" | "percentile" | ListedFigure | "neurons" | "into" | "outOf";

export interface Row {
  node: ViewNode;
  /** The |contribution| of the node, or of a part's group. */
  strength: number;
  /** The mark of an open image. */
  mark: Mark | null;
  layerName: string;
  /** The figures of a group; null if not measured, for parts, and for super-groups except the contribution. */
  figures: Readonly<Record<ListedFigure, number | null>>;
  /** The strongest edges from below and to above, with the names of their other ends. */
  into: { edge: ViewEdge; other: string } | null;
  outOf: { edge: ViewEdge; other: string } | null;
}

export interface Order {
  by: Column;
  descending: boolean;
}

/** The order of the graph: the class on top, in each layer the largest contributions first. */
export const FIRST_ORDER: Order = { by: "layer", descending: true };

/** The rows of the nodes in `only`, or of all nodes if it is null. */
export function rowsOf(
  circuit: Circuit,
  view: ViewGraph,
  only: ReadonlySet<NodeId> | null,
  order: Order,
  marks: Marks | null = null,
): Row[] {
  const names = new Map(view.layers.map((layer) => [layer.position, layer.name]));
  const labels = new Map(view.nodes.map((node) => [node.id, rowName(node)]));
  const boxes = new Map(view.nodes.map((node) => [node.id, node]));
  const into = heaviest(view.edges, (edge) => edge.target);
  const outOf = heaviest(view.edges, (edge) => edge.source);
  const otherEnd = (edge: ViewEdge | undefined, other: "source" | "target") =>
    edge ? { edge, other: labels.get(edge[other]) ?? edge[other] } : null;
  const rows = view.nodes
    .filter((node) => only === null || only.has(node.id))
    .map((node) => {
      const group = node.kind === "part" || node.members.length > 1 ? undefined : circuit.groups.get(node.id);
      const box = node.parent === null ? node : boxes.get(node.parent);
      return {
        node,
        strength: Math.abs(box?.contribution ?? 0),
        mark: marks?.get(node.id) ?? null,
        layerName: names.get(node.layer) ?? "",
        figures: {
          contribution: node.contribution,
          logit_drop: group?.logit_drop ?? null,
          silhouette: group?.silhouette ?? null,
        },
        into: otherEnd(into.get(node.id), "source"),
        outOf: otherEnd(outOf.get(node.id), "target"),
      };
    });
  return rows.sort(comparing(order));
}

/** The name of a node in a row of its own. */
export function rowName({ kind, label }: Pick<ViewNode, "kind" | "label">): string {
  if (!/^\d+( \+ \d+)*$/.test(label)) return label;
  return kind === "group" ? `group ${label}` : kind === "super" ? `groups ${label}` : label;
}

function heaviest(edges: readonly ViewEdge[], end: (edge: ViewEdge) => NodeId): Map<NodeId, ViewEdge> {
  const found = new Map<NodeId, ViewEdge>();
  for (const edge of edges) {
    const known = found.get(end(edge));
    if (!known || Math.abs(edge.weight) > Math.abs(known.weight)) found.set(end(edge), edge);
  }
  return found;
}

/** Unknown values come last in both directions; equal values keep the order of layers and contributions. */
function comparing({ by, descending }: Order): (a: Row, b: Row) => number {
  const value = VALUES[by];
  return (a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || byPlace(a, b);
    const order =
      typeof one === "string" || typeof other === "string"
        ? String(one).localeCompare(String(other), "en", { numeric: true })
        : one - other;
    return (descending ? -order : order) || byPlace(a, b);
  };
}

const VALUES: Record<Column, (row: Row) => number | string | null> = {
  label: (row) => row.node.label,
  layer: (row) => row.node.layer,
  score: (row) => row.mark?.score ?? null,
  percentile: (row) => row.mark?.percentile ?? null,
  contribution: ({ figures }) => figures.contribution,
  logit_drop: ({ figures }) => figures.logit_drop,
  silhouette: ({ figures }) => figures.silhouette,
  neurons: (row) => row.node.neurons.length,
  into: (row) => row.into && Math.abs(row.into.edge.weight),
  outOf: (row) => row.outOf && Math.abs(row.outOf.edge.weight),
};

/** The class on top; in each layer the largest contributions first, and the parts of a group below it. */
function byPlace(a: Row, b: Row): number {
  const box = ({ node }: Row) => node.parent ?? node.id;
  const order = b.node.layer - a.node.layer || b.strength - a.strength || box(a).localeCompare(box(b), "en");
  return order || Number(a.node.parent !== null) - Number(b.node.parent !== null);
}

/** `class cat`, `group 3 of layer4.1`, `neuron 12 of layer4.1`; null for nodes and edges that are not visible. */
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
