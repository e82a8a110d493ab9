/** Cytoscape's canvas, and the positions of everything on it for the exports. */

import cytoscape, { type Core } from "cytoscape";
import { h } from "../../base/dom";
import type { EdgeId, NodeId, ViewGraph } from "../../circuit/types";
import { edgeOpacity, edgeWidth } from "./elements";
import { curvePoints, type Place, type Point } from "./geometry";
import type { Placement } from "./placement";
import { palette, stylesheet } from "./style";

export interface NodePicture extends Place {
  id: NodeId;
}

/** The path of an edge: two quadratic curves that meet in the third point, in SVG `M 0 Q 1 2 Q 3 4`. */
export interface EdgePicture {
  id: EdgeId;
  /** Start, control point, middle, control point, end. */
  points: readonly [Point, Point, Point, Point, Point];
  width: number;
  opacity: number;
}

export interface LayerPicture {
  position: number;
  /** Edges of its band; y grows downwards, so `top` < `bottom`. */
  top: number;
  bottom: number;
  /** Its middle. */
  y: number;
}

export interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface GraphPicture {
  /** `x` and `y` are centres. Boxes of expanded groups come before their parts. */
  nodes: NodePicture[];
  edges: EdgePicture[];
  /** From the lowest layer up. */
  layers: LayerPicture[];
  /** The box of all elements, including labels. */
  box: Box;
  /** The visible part of the graph. */
  visible: Box;
}

/** The smallest box around `boxes`; empty if there are none. */
export function around(places: Iterable<Place>): Box {
  let box: Box | null = null;
  for (const { x, y, width, height } of places) {
    const one = { x1: x - width / 2, y1: y - height / 2, x2: x + width / 2, y2: y + height / 2 };
    box = box
      ? {
          x1: Math.min(box.x1, one.x1),
          y1: Math.min(box.y1, one.y1),
          x2: Math.max(box.x2, one.x2),
          y2: Math.max(box.y2, one.y2),
        }
      : one;
  }
  return box ?? { x1: 0, y1: 0, x2: 0, y2: 0 };
}

/** Room around the outermost nodes for their labels. */
const MARGIN = 30;

/** Collects the positions of all elements, for the exports. */
export function pictureOf(view: ViewGraph, { places, bands }: Placement, visible: Box | null): GraphPicture {
  const nodes = [...view.nodes].sort((a, b) => Number(a.parent !== null) - Number(b.parent !== null));
  const { x1, y1, x2, y2 } = around(places.values());
  const box = { x1: x1 - MARGIN, y1: y1 - MARGIN, x2: x2 + MARGIN, y2: y2 + MARGIN };
  return {
    nodes: nodes.flatMap(({ id }) => {
      const at = places.get(id);
      return at ? [{ id, ...at }] : [];
    }),
    edges: view.edges.flatMap((edge): EdgePicture[] => {
      const source = places.get(edge.source);
      const target = places.get(edge.target);
      if (!source || !target) return [];
      const points = curvePoints(source, target);
      return [{ id: edge.id, points, width: edgeWidth(edge.size), opacity: edgeOpacity(edge.size, view.edges.length) }];
    }),
    layers: bands.map(({ position, top, bottom }) => ({ position, top, bottom, y: (top + bottom) / 2 })),
    box,
    visible: visible ? { x1: visible.x1, y1: visible.y1, x2: visible.x2, y2: visible.y2 } : box,
  };
}

/** Without an element with this id, Cytoscape would add a style element, which the page's policy forbids. */
const STYLE_ID = "__________cytoscape_stylesheet";

export const SMALLEST_ZOOM = 0.02;
export const LARGEST_ZOOM = 4;

/** The element that Cytoscape draws into. */
export function canvasElement(): HTMLElement {
  const label = "Graph of the circuit. Move with the arrow keys, select with Enter. Press t for a table.";
  const attributes = { "aria-roledescription": "graph", "aria-label": label };
  return h("div", { class: "graph-canvas", tabindex: 0, role: "group", ...attributes });
}

export function startCanvas(container: HTMLElement): Core {
  if (!document.getElementById(STYLE_ID)) document.head.append(h("meta", { id: STYLE_ID, name: "graph-style" }));
  return cytoscape({
    container,
    style: stylesheet(palette()),
    minZoom: SMALLEST_ZOOM,
    maxZoom: LARGEST_ZOOM,
    autounselectify: true,
    boxSelectionEnabled: false,
    // More than two device pixels for each CSS pixel are slow, and make no visible difference.
    pixelRatio: Math.min(2, devicePixelRatio || 1),
  });
}
