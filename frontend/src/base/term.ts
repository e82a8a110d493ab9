/** Names of terms and numbers, with their meaning as a tooltip and a link to the glossary. */

import { h } from "./dom";
import "./term.css";

export interface Meaning {
  /** What it is, in a sentence or two. */
  meaning: string;
  /** The part of the entry's address after `#`. */
  anchor: string;
}

/** The name as a link, which keys reach, too. */
export function term(name: string, { meaning, anchor }: Meaning): HTMLAnchorElement {
  return glossaryLink(anchor, { class: "term", title: meaning }, name);
}

/** A small mark next to a name that is a button or a label already. */
export function termMark(name: string, { meaning, anchor }: Meaning): HTMLAnchorElement {
  return glossaryLink(anchor, { class: "term-mark", title: meaning, "aria-label": `${name} in the glossary` });
}

/** In a tab of its own: the page may hold a selection or a note that is not saved. */
export function glossaryLink(anchor: string, attributes: Record<string, string>, text = ""): HTMLAnchorElement {
  return h("a", { ...attributes, href: `/glossary#${anchor}`, target: "_blank", rel: "noopener" }, text);
}
