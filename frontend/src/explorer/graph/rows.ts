/** The names of the layers at the left of the graph and the bands behind them, which follow pan and zoom. */

import { h } from "../../base/dom";
import { count } from "../../base/format";
import type { ViewGraph, ViewLayer } from "../../circuit/types";
import type { Band } from "./placement";
import { type Viewport, WIDE_PX } from "./pointer";
import "./rows.css";

/** The pixels that a name with two lines needs. */
const LINE_PX = 20;
const BOTH_LINES_PX = 46;
/** Names stay this far from the top. */
const INSET_PX = 4;

interface Row {
  band: Band;
  stripe: HTMLElement;
  name: HTMLElement;
}

export class Rows {
  /** The bands, below the canvas. */
  readonly bands = h("div", { class: "graph-bands", "aria-hidden": "true" });
  /** The names, above the canvas. Hidden from screen readers, which use the table. */
  readonly names = h("div", { class: "graph-names", "aria-hidden": "true" });
  private rows: Row[] = [];

  show(view: ViewGraph, bands: readonly Band[]): void {
    const layers = new Map(view.layers.map((layer) => [layer.position, layer]));
    this.rows = bands.flatMap((band) => {
      const layer = layers.get(band.position);
      return layer ? [{ band, stripe: h("div", { class: "graph-band" }), name: nameOf(layer) }] : [];
    });
    this.bands.replaceChildren(...this.rows.map((row) => row.stripe));
    this.names.replaceChildren(...this.rows.map((row) => row.name));
  }

  /** Moves names and bands to the rows of the canvas. */
  follow({ zoom, pan }: Viewport, { width, height }: { width: number; height: number }): void {
    const narrow = width < WIDE_PX;
    let free = Number.POSITIVE_INFINITY;
    for (const { band, stripe, name } of this.rows) {
      const top = band.top * zoom + pan.y;
      const bottom = band.bottom * zoom + pan.y;
      stripe.style.transform = `translateY(${top}px) scaleY(${Math.max(0, bottom - top)})`;
      // From the lowest layer up: a name is hidden if it would overlap the one below it.
      // Narrow panes have no room beside the nodes, so the name is above them, between the rows.
      const at = Math.min(Math.max(narrow ? top - LINE_PX : top, INSET_PX), bottom - LINE_PX);
      const room = narrow ? 0 : Math.min(free, bottom) - at;
      const seen = bottom > 0 && top < height && at + LINE_PX <= free;
      name.classList.toggle("gone", !seen);
      name.classList.toggle("narrow", narrow);
      name.classList.toggle("short", room < BOTH_LINES_PX);
      if (!seen) continue;
      name.style.transform = `translateY(${at}px)`;
      free = at;
    }
  }
}

function nameOf(layer: ViewLayer): HTMLElement {
  const groups =
    layer.shown === layer.groups ? count(layer.groups, "group") : `${layer.shown} of ${count(layer.groups, "group")}`;
  return h(
    "div",
    { class: "graph-name" },
    h("strong", {}, layer.name),
    h("span", {}, `${count(layer.channels, "channel")} · ${groups}`),
  );
}
