/** A figure before and after a knock-out, its change, and in grey the change with random neurons. */

import { h } from "../base/dom";

export interface Course {
  before: string;
  after: string;
  change: string;
  /** Empty where there are no random sets. */
  random: string;
}

/** `shares`, before and after, in [0, 1], are drawn as two bars over each other. */
export function changeCell({ before, after, change, random }: Course, shares?: readonly [number, number]): HTMLElement {
  return h(
    "td",
    {},
    // Broken, if at all, at the arrow.
    h("span", { class: "what-if-course number" }, h("span", {}, before), " ", h("span", {}, `→ ${after}`)),
    shares &&
      h("span", { class: "what-if-bars", "aria-hidden": "true" }, bar("before", shares[0]), bar("after", shares[1])),
    h("span", { class: "what-if-figure number what-if-change" }, change),
    random !== "" && h("span", { class: "what-if-figure number quiet-text" }, random),
  );
}

function bar(kind: string, share: number): HTMLElement {
  const part = h("span", { class: kind });
  part.style.width = `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%`;
  return part;
}
