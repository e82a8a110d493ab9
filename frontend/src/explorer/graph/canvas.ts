/** Cytoscape as the graph uses it: no style elements of its own, and how far it zooms. */

import cytoscape, { type Core } from "cytoscape";
import { h } from "../../base/dom";
import { palette, stylesheet } from "./style";

/** Cytoscape puts a style element with this id into the page, which the page's policy forbids, unless there is one. */
const STYLE_ID = "__________cytoscape_stylesheet";

export const SMALLEST_ZOOM = 0.02;
export const LARGEST_ZOOM = 4;

/** The element that Cytoscape draws into. */
export function canvasElement(): HTMLElement {
  const told = "Graph of the circuit. Arrow keys walk along it, Enter opens. Press t for a table of the same.";
  const attributes = { "aria-roledescription": "graph", "aria-label": told };
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
    // More than two pixels for one of the page's are not seen, and slow.
    pixelRatio: Math.min(2, devicePixelRatio || 1),
  });
}
