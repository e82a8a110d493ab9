/** What the pointer does on the canvas, told in the explorer's words. */

import type { Core, EventObject, NodeSingular } from "cytoscape";
import type { EdgeId, NodeId } from "../../circuit/types";

export interface PointerTo {
  select(id: NodeId | EdgeId | null): void;
  hover(id: NodeId | EdgeId | null, x: number, y: number): void;
  open(id: NodeId): void;
  drag(id: NodeId): void;
  dropped(id: NodeId): void;
}

/** So long on a thing until it counts as hovered: passing over is not enough. */
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
