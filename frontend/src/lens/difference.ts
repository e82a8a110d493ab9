/** Compares this image with another one: choice of the other image, and the result. */

import { h } from "../base/dom";
import { Latest } from "../base/latest";
import { load } from "../base/load";
import { PagedList } from "../base/paged_list";
import { plainPicture } from "../base/picture";
import { Widget } from "../base/widget";
import { chance } from "../circuit/section_words";
import type { AnalysisCard } from "../circuit/types";
import { differenceTable } from "./difference_table";
import type { LensContext } from "./lens_context";
import { sectionWays } from "./section_ask";
import "./difference.css";

export class Difference extends Widget {
  readonly element = h("div", { class: "lens-difference" });
  private readonly latest: Latest;

  /** Loads the other images at once. */
  constructor(private readonly context: LensContext) {
    super();
    this.latest = new Latest(context.signal);
    this.choose();
  }

  private choose(): void {
    const list = h("ul", { class: "plain-list difference-choices" });
    const text = h("p", { class: "small", role: "status" }, "Choose an image to compare with.");
    const paged = new PagedList<AnalysisCard>(
      list,
      {
        page: (cursor, signal) => this.context.api.list(cursor, signal),
        row: (card) => (this.isOther(card) ? this.choice(card) : null),
        came: ({ next }) => {
          if (next !== null || list.hasChildNodes()) return;
          text.textContent =
            "You need a second image. Inspect another image with this circuit, then compare the two here.";
        },
        ways: sectionWays(this.context),
      },
      this.latest.next(),
    );
    this.element.replaceChildren(text, list, paged.foot);
    void paged.refresh();
  }

  private isOther({ id, state, current }: AnalysisCard): boolean {
    return id !== this.context.analysis.id && state === "succeeded" && current;
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
    const content = async () => [differenceTable(this.context, await api.difference(analysis.id, other.id, signal))];
    await load(place, content, { signal, waiting: null, ways: sectionWays(this.context) });
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
