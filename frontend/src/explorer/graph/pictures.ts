/** Adds mosaics to the visible nodes that are large enough, and removes them when they are far away. */

import type { Core, NodeSingular } from "cytoscape";
import type { NodeId, ViewNode } from "../../circuit/types";
import { Mosaics, mosaicSide } from "./mosaics";
import { type Level, levelFor, patchesAt } from "./style";

/** Pictures are added this many pixels before a node comes into view. */
const AHEAD_PX = 200;
const PICTURE_SIDE = 64;

export class Pictures {
  private level: Level | null = null;
  private readonly mosaics = new Mosaics();

  /** Updates levels and pictures for the zoom and the visible nodes; `all` after nodes were added. */
  async refresh(cy: Core, nodes: ReadonlyMap<NodeId, ViewNode>, all = false): Promise<void> {
    const level = levelFor(cy.zoom(), this.level);
    if (level !== this.level || all) {
      this.level = level;
      cy.batch(() => {
        cy.nodes().forEach((node) => {
          const shown = nodes.get(node.id());
          const bare = shown === undefined || shown.tiles.length + shown.pictures.length === 0;
          node.toggleClass("close", level === "close");
          node.toggleClass("far", level === "far" || (level === "near" && bare));
        });
        if (level === "far") cy.nodes(".pictured").removeClass("pictured");
      });
    }
    if (level === "far") return;
    await Promise.all(
      inView(cy).map((node) => {
        const shown = nodes.get(node.id());
        return shown && this.put(node, shown, level);
      }),
    );
  }

  close(): void {
    this.mosaics.close();
  }

  private async put(node: NodeSingular, shown: ViewNode, level: Level): Promise<void> {
    const all = shown.tiles.length ? shown.tiles : shown.pictures;
    const sources = all.slice(0, patchesAt(level, all.length));
    if (node.data("box") === 1 || sources.length === 0) {
      node.removeClass("pictured");
      return;
    }
    const first = sources[0];
    const side = mosaicSide(sources.length, typeof first === "object" ? first.side : PICTURE_SIDE);
    const picture = await this.mosaics.picture(sources, side);
    // The user may have zoomed or panned since.
    if (!picture || node.removed() || this.level !== level) return;
    if (node.data("picture") !== picture) node.data("picture", picture);
    node.addClass("pictured");
  }
}

function inView(cy: Core): NodeSingular[] {
  const { x1, y1, x2, y2 } = cy.extent();
  const ahead = AHEAD_PX / cy.zoom();
  return cy
    .nodes()
    .filter((node) => {
      const { x, y } = node.position();
      return x > x1 - ahead && x < x2 + ahead && y > y1 - ahead && y < y2 + ahead;
    })
    .toArray() as NodeSingular[];
}
