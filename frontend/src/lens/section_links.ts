/** The parts of a long panel by their titles: each leads to its part, and opens it. */

import { h } from "../base/dom";
import "./section_links.css";

/** Of parts that begin with an `h3`. */
export function sectionLinks(sections: readonly HTMLElement[]): HTMLElement {
  const links = sections.flatMap((section) => {
    const title = section.querySelector("h3")?.textContent;
    if (!title) return [];
    const link = h("button", { type: "button", class: "small" }, title);
    link.addEventListener("click", () => goTo(section));
    return [link];
  });
  return h("nav", { class: "lens-links", "aria-label": "Parts of this panel" }, ...links);
}

function goTo(section: HTMLElement): void {
  const fold = section.querySelector("details");
  if (fold) fold.open = true;
  section.scrollIntoView({ block: "start" });
  section.querySelector<HTMLElement>("summary, button, select")?.focus({ preventScroll: true });
}
