/** A part of the inspector that asks the API first: bones while it waits, and a way on where that fails. */

import { h } from "../../base/dom";
import { problemMessage } from "../../base/message";
import { Widget } from "../../base/widget";
import "./section.css";

export class Section extends Widget {
  readonly element: HTMLElement;
  private readonly body = h("div", { class: "section-body" });

  /** `load` is called at once, and again when a person asks for that after a failure. */
  constructor(
    title: string | null,
    private readonly load: () => Promise<(Node | null)[]>,
    private readonly signal: AbortSignal,
    private readonly bones = 3,
  ) {
    super();
    this.element = h("section", { class: "inspector-section" }, title && h("h3", {}, title), this.body);
    void this.fill();
  }

  private async fill(): Promise<void> {
    this.body.setAttribute("aria-busy", "true");
    this.body.replaceChildren(skeleton(this.bones));
    try {
      const content = await this.load();
      if (this.signal.aborted) return;
      this.body.replaceChildren(...content.filter((node) => node !== null));
    } catch (error) {
      if (this.signal.aborted) return;
      this.body.replaceChildren(problemMessage(error, () => void this.fill()));
    }
    this.body.removeAttribute("aria-busy");
  }
}

function skeleton(bones: number): HTMLElement {
  const list = Array.from({ length: bones }, () => h("span", { class: "bone" }));
  return h("div", { class: "bones" }, h("span", { class: "visually-hidden" }, "Loading…"), ...list);
}
