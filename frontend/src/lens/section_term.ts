/** The name of a number as a button that opens its definition. */

import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { glossaryLink } from "../base/term";
import { DEFINITIONS, type Term } from "./definitions";
import type { LensContext } from "./lens_context";
import "./section_term.css";

export function termButton(
  context: Pick<LensContext, "define">,
  term: Term,
  text: string = DEFINITIONS[term].name,
): HTMLElement {
  const button = h("button", { type: "button", class: "lens-term", title: DEFINITIONS[term].meaning }, text);
  button.addEventListener("click", () => context.define(term));
  return button;
}

/** Opens the definition of a number: what it is, how it is computed, and a link to the glossary. */
export function openDefinition(term: Term): HTMLDialogElement {
  const { name, meaning, exact, anchor } = DEFINITIONS[term];
  const more = h("p", {}, glossaryLink(anchor, {}, `${name} in the glossary`));
  return openDialog(name, [h("p", {}, meaning), h("h3", {}, "Exactly"), h("p", {}, exact), more]);
}
