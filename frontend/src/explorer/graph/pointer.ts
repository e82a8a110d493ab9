/**
 * Translates pointer events of the canvas; moves the parts of a dragged node; and computes which part of
 * the graph is shown.
 */

import type { Core, EventObject, NodeSingular } from "cytoscape";
import type { EdgeId, NodeId } from "../../circuit/types";
import { bends, type Place } from "./geometry";
import type { Box } from "./picture";
import type { Placement } from "./placement";

export interface PointerTo {
  select(id: NodeId | EdgeId | null): void;
  hover(id: NodeId | EdgeId | null, x: number, y: number): void;
  open(id: NodeId): void;
  drag(id: NodeId): void;
  dropped(id: NodeId): void;
}

/** How long the pointer must stay on an element until it is hovered. */
const DWELL_MS = 70;

export function listenToPointer(cy: Core, container: HTMLElement, to: PointerTo): void {
  const idOf = (event: EventObject) => (event.target === cy ? null : (event.target.id() as string));
  let dwell: ReturnType<typeof setTimeout> | undefined;
  const hover = (id: string | null, event: EventObject) => {
    clearTimeout(dwell);
    const { x, y } = event.renderedPosition;
    dwell = setTimeout(() => {
      if (!cy.destroyed()) to.hover(id, x, y);
    }, DWELL_MS);
    container.classList.toggle("over", id !== null);
  };
  cy.on("tap", (event) => to.select(idOf(event)));
  cy.on("dbltap", "node", (event) => to.open(event.target.id()));
  cy.on("mouseover", "node, edge", (event) => hover(idOf(event), event));
  cy.on("mouseout", "node, edge", (event) => hover(null, event));
  cy.on("grab tapdrag", (event) => {
    if (event.type === "grab" || cy.elements(":active").nonempty()) clearTimeout(dwell);
  });
  cy.on("drag", "node", (event) => to.drag((event.target as NodeSingular).id()));
  cy.on("dragfree", "node", (event) => to.dropped((event.target as NodeSingular).id()));
}

/** The current place of a node; null if it has none. */
export function standsAt(cy: Core, placement: Placement, id: NodeId): Place | null {
  const at = cy.getElementById(id);
  const place = placement.places.get(id);
  return at.nonempty() && at.isNode() && place ? { ...place, ...at.position() } : null;
}

export function bendEdges(cy: Core, placement: Placement, id: NodeId): void {
  const moved = cy.getElementById(id);
  if (moved.empty()) return;
  const edges = moved.union(moved.descendants()).connectedEdges();
  edges.forEach((edge) => {
    const [source, target] = [edge.source(), edge.target()].map((end) => standsAt(cy, placement, end.id()));
    if (source && target) edge.data(bends(source, target));
  });
}

export interface Viewport {
  zoom: number;
  pan: { x: number; y: number };
}

/** Wide panes leave room for the names of the layers at the left. */
const NAMES_PX = 168;
export const WIDE_PX = 760;
const EDGE_PX = 14;
/** Room above the highest row of a narrow pane for its name. */
const TOP_PX = 22;
/** Room below the lowest nodes for their labels. */
const LABEL = 28;

/** The viewport that centres all of `box`, at a zoom of at most `nearest`. */
export function fitted(box: Box, pane: { width: number; height: number }, nearest: number): Viewport {
  const left = pane.width >= WIDE_PX ? NAMES_PX : EDGE_PX;
  const top = pane.width >= WIDE_PX ? EDGE_PX : TOP_PX;
  const room = { x: Math.max(1, pane.width - left - EDGE_PX), y: Math.max(1, pane.height - top - EDGE_PX) };
  const width = Math.max(1, box.x2 - box.x1);
  const height = Math.max(1, box.y2 - box.y1 + LABEL);
  const zoom = Math.min(room.x / width, room.y / height, nearest);
  return {
    zoom,
    pan: {
      x: left + room.x / 2 - (zoom * (box.x1 + box.x2)) / 2,
      y: top + room.y / 2 - (zoom * (box.y1 + box.y2 + LABEL)) / 2,
    },
  };
}
