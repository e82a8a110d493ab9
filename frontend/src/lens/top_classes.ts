/** The five most probable classes of the image, and the circuit's class. */

import { h } from "../base/dom";
import { chance } from "../circuit/section_words";
import type { Reading } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { termButton } from "./section_term";
import "./top_classes.css";

type TopClass = Reading["classes"][number];

export function topClasses(context: LensContext): HTMLElement {
  const { classes, target } = context.analysis.reading;
  const own = ({ index }: TopClass) => index === target.index;
  const rows = classes.some(own) ? classes : [...classes, target];
  const head = h(
    "tr",
    { class: "small quiet-text" },
    h("th", { scope: "col" }, "Prediction"),
    h("th", { scope: "col" }, termButton(context, "probability")),
    h("th", { scope: "col", class: "lens-logit" }, termButton(context, "logit")),
  );
  return h(
    "table",
    { class: "lens-classes" },
    h("caption", { class: "visually-hidden" }, "Most probable classes"),
    h("thead", {}, head),
    h("tbody", {}, ...rows.map((one) => row(one, own(one)))),
  );
}

function row({ name, probability, logit }: TopClass, own: boolean): HTMLElement {
  const bar = h("span", { class: "lens-bar", "aria-hidden": "true" }, h("span", {}));
  (bar.firstElementChild as HTMLElement).style.width = `${100 * probability}%`;
  const note = own && h("span", { class: "small quiet-text" }, " this circuit’s class");
  return h(
    "tr",
    { class: own ? "own" : undefined },
    h("th", { scope: "row" }, name, note),
    h("td", { class: "number" }, h("span", { class: "lens-chance" }, bar, chance(probability))),
    h("td", { class: "number lens-logit" }, logit.toFixed(2).replace("-", "\u2212")),
  );
}
