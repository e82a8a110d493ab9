/** A section of the lens that stays closed and loads nothing until the user opens it. */

import { h } from "../base/dom";
import { Widget } from "../base/widget";
import "./section.css";
import "./section_fold.css";

export class SectionFold extends Widget {
  readonly element: HTMLElement;
  private readonly details: HTMLDetailsElement;
  private filled = false;

  /** `about` is shown next to the title; `fill` is called when the section is first opened. */
  constructor(
    title: string,
    about: string,
    private readonly fill: () => (Node | null)[],
  ) {
    super();
    const summary = h("summary", {}, h("h3", {}, title), h("span", { class: "small quiet-text" }, about));
    this.details = h("details", { class: "lens-fold" }, summary);
    this.details.addEventListener("toggle", () => this.build());
    this.element = h("section", { class: "inspector-section" }, this.details);
  }

  open(): void {
    this.details.open = true;
    this.build();
  }

  private build(): void {
    if (this.filled || !this.details.open) return;
    this.filled = true;
    this.details.append(...this.fill().filter((node) => node !== null));
  }
}
