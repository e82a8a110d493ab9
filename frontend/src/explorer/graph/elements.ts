/** Converts a view and its placement to Cytoscape's elements, and updates the canvas. */

import type { Core, ElementDefinition } from "cytoscape";
import { type Mark, markedLabel, type Marks } from "../../circuit/model/marks";
import type { EdgeId, ViewEdge, ViewGraph, ViewNode } from "../../circuit/types";
import { bends, BOX_PADDING, type Place } from "./geometry";
import type { Placement } from "./placement";
import { shortLabel } from "./style";

/** This many of the strongest edges can be selected and highlighted. The others are drawn together as faint edges. */
const CLEAR_EDGES = 600;

const WIDEST = 9;
const THINNEST = 0.6;

/** The width of an edge in the graph's units. */
export function edgeWidth(size: number): number {
  return THINNEST + (WIDEST - THINNEST) * size ** 0.75;
}

/** The opacity of an edge: lower for small weights, and the more edges there are. */
export function edgeOpacity(size: number, count: number): number {
  const crowd = Math.min(1, Math.max(0.24, (200 / Math.max(1, count)) ** 0.4));
  return Math.min(0.9, (0.22 + 0.7 * Math.sqrt(size)) * crowd + 0.15 * size);
}

/** The factor for the opacity of edges at groups that an image does not fire. */
const UNLIT = 0.4;

/** Separates the edges that Cytoscape draws from the faint ones. A selected edge is never faint. */
export function clearAndFaint(
  edges: readonly ViewEdge[],
  selected: EdgeId | null,
): { clear: readonly ViewEdge[]; faint: readonly ViewEdge[] } {
  if (edges.length <= CLEAR_EDGES) return { clear: edges, faint: [] };
  const bySize = [...edges].sort((a, b) => b.size - a.size);
  const at = bySize.findIndex((edge) => edge.id === selected);
  if (at >= CLEAR_EDGES) bySize.unshift(...bySize.splice(at, 1));
  return { clear: bySize.slice(0, CLEAR_EDGES), faint: bySize.slice(CLEAR_EDGES) };
}

/** Everything that Cytoscape draws, boxes before their parts, with the `marks` of an open image. */
export function elementsOf(
  view: ViewGraph,
  clear: readonly ViewEdge[],
  placement: Placement,
  marks: Marks | null = null,
): ElementDefinition[] {
  const nodes = [...view.nodes].sort((a, b) => Number(a.parent !== null) - Number(b.parent !== null));
  return [
    ...nodes.flatMap((node) => {
      const place = placement.places.get(node.id);
      return place ? [nodeElement(node, place, marks?.get(node.id))] : [];
    }),
    ...clear.flatMap((edge) => {
      const source = placement.places.get(edge.source);
      const target = placement.places.get(edge.target);
      const shade = isDark(marks?.get(edge.source)) || isDark(marks?.get(edge.target)) ? UNLIT : 1;
      return source && target ? [edgeElement(edge, source, target, view.edges.length, shade)] : [];
    }),
  ];
}

/** Whether an image does not fire the node. The class is never dark. */
const isDark = (mark: Mark | undefined) => mark !== undefined && mark.probability === null && mark.lit !== "fires";

function nodeElement(node: ViewNode, place: Place, mark?: Mark): ElementDefinition {
  const box = node.expanded && node.kind !== "part";
  return {
    group: "nodes",
    data: {
      id: node.id,
      ...(node.parent === null ? {} : { parent: node.parent }),
      kind: node.kind,
      box: box ? 1 : 0,
      label: markedLabel(node, mark),
      lit: mark === undefined ? "" : isDark(mark) ? mark.lit : "fires",
      short: shortLabel(node.label),
      // The width of a box is that of its content; Cytoscape adds the padding.
      width: box ? place.width - 2 * BOX_PADDING : place.width,
      height: box ? place.height - 2 * BOX_PADDING : place.height,
      // The label of a box is at its left, where no edges are.
      aside: box ? 24 - place.width / 2 : 0,
      strength: Math.sqrt(node.size),
      sign: (node.contribution ?? 0) < 0 ? -1 : 1,
    },
    position: { x: place.x, y: place.y },
    grabbable: node.parent === null,
  };
}

function edgeElement(edge: ViewEdge, source: Place, target: Place, count: number, shade: number): ElementDefinition {
  return {
    group: "edges",
    data: {
      id: edge.id,
      source: edge.source,
      target: edge.target,
      sign: edge.weight < 0 ? -1 : 1,
      width: edgeWidth(edge.size),
      opacity: shade * edgeOpacity(edge.size, count),
      order: Math.round(100 * edge.size),
      ...bends(source, target),
    },
    selectable: false,
  };
}

/** Updates the canvas to the wanted elements, changing only what differs. */
export function sync(cy: Core, wanted: readonly ElementDefinition[]): void {
  const ids = new Set(wanted.map((one) => String(one.data.id)));
  cy.batch(() => {
    const gone = cy.elements().filter((element) => !ids.has(element.id()));
    if (gone.nonempty()) gone.remove();
    const fresh: ElementDefinition[] = [];
    for (const one of wanted) {
      const element = cy.getElementById(String(one.data.id));
      if (element.empty()) {
        fresh.push(one);
        continue;
      }
      const before = element.data() as Record<string, unknown>;
      const changed = Object.entries(one.data).filter(([name, value]) => !same(before[name], value));
      if (changed.length) element.data(Object.fromEntries(changed));
      const { position } = one;
      // A box has the position of its parts.
      if (!position || !element.isNode() || element.isParent()) continue;
      const at = element.position();
      if (at.x !== position.x || at.y !== position.y) element.position(position);
    }
    cy.add(fresh);
  });
}

function same(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
