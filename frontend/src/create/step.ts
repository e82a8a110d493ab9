/** One of the page's five steps: a number, a title, a sentence, and what is chosen there. */

import { h } from "../base/dom";

export function step(number: number, title: string, text: string, ...content: Node[]): HTMLElement {
  const id = `step-${number}`;
  const head = h("h2", { id }, h("span", { class: "step-number", "aria-hidden": "true" }, String(number)), title);
  const intro = text ? h("p", { class: "small quiet-text step-intro" }, text) : null;
  return h("section", { class: "step", "aria-labelledby": id }, head, intro, ...content);
}
