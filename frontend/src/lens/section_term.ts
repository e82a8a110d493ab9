/** The name of a number as a button that tells what it is. */

import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { DEFINITIONS, type Term } from "./definitions";
import type { LensContext } from "./lens_context";
import "./section_term.css";

export function termButton(
  context: Pick<LensContext, "define">,
  term: Term,
  text: string = DEFINITIONS[term].name,
): HTMLElement {
  const button = h(
    "button",
    { type: "button", class: "lens-term", title: `${DEFINITIONS[term].name}: what is it?` },
    text,
  );
  button.addEventListener("click", () => context.define(term));
  return button;
}

/** Tells what a number of the lens is. */
export function openDefinition(term: Term): HTMLDialogElement {
  const { name, plain, exact } = DEFINITIONS[term];
  return openDialog(name, [h("p", {}, plain), h("h3", {}, "Exactly"), h("p", {}, exact)]);
}
