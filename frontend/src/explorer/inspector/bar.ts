/** Weights as bars: what speaks for to the right of the middle, what speaks against, hatched, to the left. */

import { h } from "../../base/dom";
import "./bar.css";

/** `largest` fills a side. Both parts are seen where they cancel each other. */
export function balanceBar(positive: number, negative: number, largest: number): HTMLElement {
  return h(
    "span",
    { class: "bar balance", "aria-hidden": "true" },
    h("span", { class: "half" }, fill("negative", negative, largest)),
    h("span", { class: "half" }, fill("positive", positive, largest)),
  );
}

/** One that starts at the left, in the colour of its sign. */
export function weightBar(weight: number, largest: number): HTMLElement {
  const sign = weight < 0 ? "negative" : "positive";
  return h("span", { class: "bar", "aria-hidden": "true" }, fill(sign, weight, largest));
}

function fill(sign: "positive" | "negative", weight: number, largest: number): HTMLElement {
  const part = h("span", { class: `fill ${sign}` });
  const share = largest > 0 ? Math.min(1, Math.abs(weight) / largest) : 0;
  part.style.width = `${(100 * share).toFixed(1)}%`;
  return part;
}
