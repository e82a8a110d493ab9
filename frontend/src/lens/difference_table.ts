/** The table of how differently two images fire each group. */

import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { count, signed } from "../base/format";
import { placeOf } from "../circuit/scene";
import { balanceBar } from "../circuit/section";
import { groupName, rank } from "../circuit/section_words";
import type { LensContext } from "./lens_context";
import { groupButton } from "./section_group";
import { termButton } from "./section_term";

type Found = Schemas["DifferenceOut"];
type Row = Found["groups"][number];

const MOST = 12;
const LARGEST = 100;

export function differenceTable(context: LensContext, { groups }: Found): HTMLElement {
  const body = h("tbody");
  const all = h("button", { type: "button", class: "quiet small" });
  const order = h(
    "select",
    {},
    h("option", { value: "difference" }, "largest difference first"),
    h("option", { value: "layer" }, "by layer, from the top"),
  );
  const show = (most: number) => {
    const sorted = order.value === "layer" ? byLayer(context, groups) : byDifference(groups);
    body.replaceChildren(...sorted.slice(0, most).map((row) => rowOf(context, row)));
    all.hidden = most >= groups.length;
    all.textContent = `Show all ${groups.length}`;
  };
  order.addEventListener("change", () => show(all.hidden ? groups.length : MOST));
  all.addEventListener("click", () => {
    show(groups.length);
    body.rows[MOST]?.querySelector<HTMLElement>("button")?.focus();
  });
  show(MOST);
  const heads = [
    h("span", {}, "Group"),
    h("span", {}, "Here"),
    h("span", {}, "There"),
    termButton(context, "difference"),
  ].map((head) => h("th", { scope: "col" }, head));
  return h(
    "div",
    {},
    h("p", { class: "lens-sentence", role: "status" }, differenceSentence(groups)),
    h(
      "p",
      { class: "small quiet-text" },
      "This image and other image: ",
      termButton(context, "percentile", "percentiles"),
      " of both; ● means that the group ",
      termButton(context, "fires", "fires"),
      ".",
    ),
    h("label", { class: "small difference-order" }, "Sort ", order),
    h("table", { class: "difference-table small" }, h("thead", {}, h("tr", {}, ...heads)), body),
    all,
  );
}

/** The common groups and the largest differences, in words. */
export function differenceSentence(groups: readonly Row[]): string {
  const both = groups.filter((row) => row.fires && row.other_fires).length;
  const here = groups.filter((row) => row.fires && !row.other_fires).length;
  const there = groups.filter((row) => !row.fires && row.other_fires).length;
  const [most] = byDifference(groups);
  const counts = `${count(both, "group")} ${both === 1 ? "fires" : "fire"} for both images, ${here} only for this one, ${there} only for the other.`;
  if (!most?.difference) return counts;
  const where = `percentile ${rank(most.percentile)} here, ${rank(most.other_percentile)} there`;
  return `${counts} The largest difference is in ${groupName(most.group)}: ${where}.`;
}

function rowOf(context: LensContext, row: Row): HTMLElement {
  const { difference } = row;
  const share = difference ?? 0;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, groupButton(context, row.group)),
    h("td", { class: "number" }, ...figure(row.percentile, row.fires)),
    h("td", { class: "number" }, ...figure(row.other_percentile, row.other_fires)),
    h(
      "td",
      { class: "number" },
      balanceBar(Math.max(0, share), Math.min(0, share), LARGEST),
      difference === null ? "–" : signed(difference, 0),
    ),
  );
}

function figure(percentile: number | null, fires: boolean): (Node | string)[] {
  const mark = fires
    ? [h("span", { "aria-hidden": "true" }, " ●"), h("span", { class: "visually-hidden" }, " fires")]
    : [h("span", { class: "visually-hidden" }, " does not fire")];
  return [rank(percentile), ...mark];
}

function byDifference(groups: readonly Row[]): Row[] {
  return groups.toSorted((one, other) => Math.abs(other.difference ?? 0) - Math.abs(one.difference ?? 0));
}

function byLayer({ overview }: LensContext, groups: readonly Row[]): Row[] {
  const height = new Map(overview.layers.map(({ name }, position) => [name, position]));
  return groups.toSorted(
    (one, other) =>
      (height.get(other.layer) ?? 0) - (height.get(one.layer) ?? 0) ||
      placeOf(one.group).number - placeOf(other.group).number,
  );
}
