/** Names of terms and numbers, with their meaning as a tooltip and a link to the glossary. */

import { at } from "../api/address";
import { h } from "./dom";
import "./term.css";

export interface Meaning {
  /** The definition, in a sentence or two. */
  meaning: string;
  /** The part of its address in the glossary after `#`. */
  anchor: string;
}

/** The name as a link to the glossary, which can be reached with the keyboard. */
export function term(name: string, { meaning, anchor }: Meaning): HTMLAnchorElement {
  return glossaryLink(anchor, { class: "term", title: meaning }, name);
}

/** A small mark next to a name that is a button or a label already. */
export function termMark(name: string, { meaning, anchor }: Meaning): HTMLAnchorElement {
  return glossaryLink(anchor, { class: "term-mark", title: meaning, "aria-label": `${name} in the glossary` });
}

/** Opens a new tab, as the page may contain a selection or an unsaved note. */
export function glossaryLink(anchor: string, attributes: Record<string, string>, text = ""): HTMLAnchorElement {
  return h("a", { ...attributes, href: at(`/glossary#${anchor}`), target: "_blank", rel: "noopener" }, text);
}
