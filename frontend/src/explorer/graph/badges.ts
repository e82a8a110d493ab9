/** Badges with the number of notes at the corners of nodes. They follow the graph. */

import type { Core } from "cytoscape";
import { h } from "../../base/dom";
import type { NoteCounts } from "../../circuit/model/marks";
import "./badges.css";

const MOST = 99;

export class Badges {
  /** Hidden from screen readers, which use the table. */
  readonly element = h("div", { class: "graph-badges", "aria-hidden": "true" });
  private cy: Core | null = null;
  private dots: ReadonlyMap<string, HTMLElement> = new Map();
  private frame = 0;

  show(counts: NoteCounts): void {
    const dot = (number: number) => h("span", { class: "graph-badge" }, number > MOST ? `${MOST}+` : String(number));
    this.dots = new Map([...counts].map(([id, number]) => [id, dot(number)]));
    this.element.replaceChildren(...this.dots.values());
    this.follow();
  }

  watch(cy: Core): void {
    this.cy = cy;
    cy.on("viewport add remove position", () => this.follow());
    this.follow();
  }

  private follow(): void {
    if (this.dots.size) this.frame ||= requestAnimationFrame(() => this.place());
  }

  private place(): void {
    this.frame = 0;
    const { cy } = this;
    if (!cy || cy.destroyed()) return;
    for (const [id, dot] of this.dots) {
      const node = cy.getElementById(id);
      dot.hidden = node.empty();
      if (dot.hidden) continue;
      const { x2, y1 } = node.renderedBoundingBox({
        includeLabels: false,
        includeOverlays: false,
        includeUnderlays: false,
      });
      dot.style.transform = `translate(${Math.round(x2)}px, ${Math.round(y1)}px) translate(-60%, -40%)`;
    }
  }
}
