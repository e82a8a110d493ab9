/** Compares this image with another one: choice of the other image, and the result. */

import { h } from "../base/dom";
import { plainPicture } from "../base/picture";
import { Widget } from "../base/widget";
import { chance } from "../circuit/section_words";
import type { AnalysisCard } from "../circuit/types";
import { differenceTable } from "./difference_table";
import type { LensContext } from "./lens_context";
import { Latest, sectionProblem } from "./section_ask";
import "./difference.css";

export class Difference extends Widget {
  readonly element = h("div", { class: "lens-difference" });
  private readonly latest: Latest;

  /** Requests the other images at once. */
  constructor(private readonly context: LensContext) {
    super();
    this.latest = new Latest(context.signal);
    this.choose();
  }

  private choose(): void {
    const list = h("ul", { class: "plain-list difference-choices" });
    const foot = h("div");
    const text = h("p", { class: "small", role: "status" }, "Choose an image to compare with.");
    this.element.replaceChildren(text, list, foot);
    void this.more(list, foot, text, null, this.latest.next());
  }

  private async more(
    list: HTMLElement,
    foot: HTMLElement,
    text: HTMLElement,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<void> {
    foot.replaceChildren(h("p", { class: "small quiet-text" }, "Loading…"));
    try {
      const page = await this.context.api.list(cursor, signal);
      if (signal.aborted) return;
      const others = page.items.filter(
        ({ id, state, current }) => id !== this.context.analysis.id && state === "succeeded" && current,
      );
      const items = others.map((card) => this.choice(card));
      list.append(...items);
      foot.replaceChildren();
      if (page.next !== null)
        foot.append(this.button("Show more", () => void this.more(list, foot, text, page.next, signal)));
      else if (!list.hasChildNodes()) {
        text.textContent =
          "You need a second image. Inspect another image with this circuit, then compare the two here.";
      }
      if (cursor !== null) items[0]?.querySelector("button")?.focus();
    } catch (error) {
      if (signal.aborted) return;
      foot.replaceChildren(sectionProblem(this.context, error, () => void this.more(list, foot, text, cursor, signal)));
    }
  }

  private choice(card: AnalysisCard): HTMLElement {
    const said = card.predicted === null ? "" : `${card.predicted}, ${chance(card.probability ?? 0)}`;
    const button = this.button("", () => void this.compare(card));
    button.classList.add("difference-choice");
    button.append(plainPicture(card.picture, ""), h("span", {}, card.name), h("span", { class: "quiet-text" }, said));
    return h("li", {}, button);
  }

  private async compare(other: AnalysisCard): Promise<void> {
    const signal = this.latest.next();
    const { analysis, api } = this.context;
    const place = h("div", {}, h("p", { class: "quiet-text", role: "status" }, "Comparing…"));
    const open = this.button(`Open ${other.name}`, () => this.context.open(other));
    const back = this.button("Choose another", () => {
      this.choose();
      this.element.querySelector<HTMLElement>("p")?.scrollIntoView({ block: "nearest" });
    });
    const pair = h("div", { class: "difference-pair" }, shown(analysis, "This image"), shown(other, "Other image"));
    const ways = h("p", { class: "difference-ways" }, open, back);
    this.element.replaceChildren(pair, ways, place);
    back.focus();
    try {
      const found = await api.difference(analysis.id, other.id, signal);
      if (signal.aborted) return;
      place.replaceChildren(differenceTable(this.context, found));
    } catch (error) {
      if (!signal.aborted) place.replaceChildren(sectionProblem(this.context, error, () => void this.compare(other)));
    }
  }

  private button(label: string, act: () => void): HTMLButtonElement {
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", act);
    return button;
  }
}

function shown({ name, picture: address, predicted, probability }: AnalysisCard, which: string): HTMLElement {
  return h(
    "figure",
    {},
    plainPicture(address, name),
    h(
      "figcaption",
      { class: "small" },
      h("strong", {}, which),
      ` ${name}`,
      predicted !== null &&
        h("span", { class: "quiet-text" }, ` predicted as ${predicted}, ${chance(probability ?? 0)}`),
    ),
  );
}
