/**
 * Groups in lists of the lens: as a button with picture and name, as a chip, as a row with its figures, layer by
 * layer.
 */

import { h } from "../base/dom";
import { plainPicture } from "../base/picture";
import { capital, placeOf } from "../circuit/scene";
import { groupName } from "../circuit/section_words";
import type { GroupId, GroupReading } from "../circuit/types";
import type { LensContext } from "./lens_context";
import "./section_group.css";

/** A group of the circuit that is shown. */
export function groupButton(context: LensContext, id: GroupId): HTMLElement {
  const known = context.overview.groups.find((group) => group.id === id);
  const button = h("button", { type: "button", class: "quiet lens-group" }, ...groupLook(id, known?.picture ?? null));
  return standsFor(button, context, id);
}

/** A group of another circuit, as a link to `address`. */
export function groupLink(id: GroupId, address: string | null, to: string): HTMLElement {
  return h("a", { class: "button quiet lens-group", href: to }, ...groupLook(id, address));
}

function groupLook(id: GroupId, address: string | null): HTMLElement[] {
  return [
    h("span", { class: "lens-thumb" }, plainPicture(address, "")),
    h("span", { class: "lens-group-name" }, capital(groupName(id))),
  ];
}

type Hands = Pick<LensContext, "select" | "hover">;

/** Links elements to a group: a click selects it, pointer and focus show where it fires. */
export function standsFor<E extends HTMLElement>(element: E, hands: Hands, group: GroupId): E {
  element.dataset.group = group;
  element.addEventListener("click", () => hands.select(group));
  for (const name of ["pointerenter", "focus"]) element.addEventListener(name, () => hands.hover(group));
  for (const name of ["pointerleave", "blur"]) element.addEventListener(name, () => hands.hover(null));
  return element;
}

/** A group in a line: picture, name, percentile, score, and whether it fires. */
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
    h("span", { class: "number small quiet-text", title: "M score" }, `M ${group.score.toFixed(2)}`),
    h("span", { class: "lens-state small" }, stateWord(group)),
  );
  return h("li", {}, standsFor(row, context, group.id));
}

/** A percentile as a number and a bar; without the bar if the circuit has no traced images. */
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

/** The layers from the top down. Layers that a recomputed circuit no longer has come last. */
export function layersDown({ overview, analysis }: LensContext): string[] {
  const present = overview.layers.map(({ name }) => name).toReversed();
  const read = analysis.reading.groups.map(({ layer }) => layer).toReversed();
  return [...new Set([...present, ...read])];
}

/** The pictures of the groups by id; none if the circuit was recomputed since. */
export function groupPictures({ overview, analysis }: LensContext): ReadonlyMap<string, string | null> {
  return new Map(analysis.current ? overview.groups.map(({ id, picture }) => [id, picture]) : []);
}
