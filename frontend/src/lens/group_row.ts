/** One group in a line: its picture and name, how much the image fires it beside others of the class, and whether. */

import { h } from "../base/dom";
import { plainPicture } from "../base/picture";
import { capital, placeOf } from "../circuit/scene";
import type { GroupReading } from "../circuit/types";
import { standsFor } from "./group_chip";
import type { LensContext } from "./lens_context";

export function groupRow(context: LensContext, group: GroupReading, address: string | null): HTMLElement {
  const { overview } = context;
  const isClass = group.layer === overview.layers.at(-1)?.name;
  const name = isClass ? `class ${overview.class}` : `group ${placeOf(group.id).number}`;
  const row = h(
    "button",
    { type: "button", class: `lens-row ${stateOf(group)}` },
    h("span", { class: "lens-row-picture" }, plainPicture(address, "")),
    h("span", { class: "lens-row-name" }, capital(name)),
    percentileBar(group),
    h("span", { class: "number small quiet-text", title: "Score M" }, `M ${group.score.toFixed(2)}`),
    h("span", { class: "lens-state small" }, stateWord(group)),
  );
  return h("li", {}, standsFor(row, context, group.id));
}

/** A bar with the number beside it; without one where the circuit has no images to compare with. */
export function percentileBar({ percentile }: GroupReading): HTMLElement {
  const bar = h("span", { class: "lens-bar", "aria-hidden": "true" }, h("span", {}));
  (bar.firstElementChild as HTMLElement).style.width = `${percentile ?? 0}%`;
  const text = percentile === null ? "–" : String(Math.round(percentile));
  return h(
    "span",
    { class: "lens-percentile number", title: "Percentile" },
    bar,
    h("span", { class: "visually-hidden" }, "percentile "),
    text,
  );
}

export const stateOf = ({ fires, silent }: GroupReading) => (fires ? "fires" : silent ? "silent" : "neither");

export function stateWord(group: GroupReading): string {
  return { fires: "fires", silent: "silent", neither: "–" }[stateOf(group)];
}
