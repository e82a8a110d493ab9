/** The sections below the list of groups: why this class, what if, why wrong, compare, pixels. */

import { h } from "../base/dom";
import { SectionFold } from "../circuit/section_fold";
import { Difference } from "./difference";
import type { LensContext } from "./lens_context";
import { PixelMap } from "./pixel_map";
import { Ranking } from "./ranking";
import { WhatIf } from "./what_if";
import { isRight, WhyWrong } from "./why_wrong";
import "./sections.css";

/** Each section loads when the user opens it. “Why wrong” is open if the label says that the prediction is wrong. */
export function lensSections(context: LensContext): HTMLElement[] {
  const { analysis, overview } = context;
  const { network } = overview;
  const whatIf = new WhatIf(context);
  const why = new SectionFold("Why this class?", "groups ranked by logit drop", () => {
    const ranking = new Ranking(context);
    ranking.mark(whatIf.groups);
    ranking.on("pick", ({ group, wanted }) => {
      if (wanted) whatIf.add([group]);
      else whatIf.remove(group);
      if (wanted) whatIfFold.open();
    });
    whatIf.on("change", (groups) => ranking.mark(groups));
    return [ranking.element];
  });
  const whatIfFold = new SectionFold("What if", "scale or knock out groups", () => [whatIf.element]);
  const folds = [why, whatIfFold];
  const right = isRight(analysis);
  if (network && right !== true) {
    const wrong = new SectionFold("Why wrong?", "compare the circuits of both classes", () => [
      new WhyWrong(context, network.id).element,
    ]);
    if (right === false) wrong.open();
    folds.push(wrong);
  }
  folds.push(
    new SectionFold("Compare with another image", "with the same circuit", () => [new Difference(context).element]),
    new SectionFold("Pixels", "that make a group fire", () => [new PixelMap(context).element]),
  );
  return folds.map(({ element }) => element);
}

/** Links to sections that begin with an `h3`. */
export function sectionLinks(sections: readonly HTMLElement[]): HTMLElement {
  const links = sections.flatMap((section) => {
    const title = section.querySelector("h3")?.textContent;
    if (!title) return [];
    const link = h("button", { type: "button", class: "small" }, title);
    link.addEventListener("click", () => goTo(section));
    return [link];
  });
  return h("nav", { class: "lens-links", "aria-label": "Sections of this panel" }, ...links);
}

function goTo(section: HTMLElement): void {
  const fold = section.querySelector("details");
  if (fold) fold.open = true;
  section.scrollIntoView({ block: "start" });
  section.querySelector<HTMLElement>("summary, button, select")?.focus({ preventScroll: true });
}
