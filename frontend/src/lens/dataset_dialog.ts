/** Takes a picture of the data set: one that the network gets right, one that it wrongly takes for the class, one it misses. */

import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { problemMessage, told } from "../base/message";
import { picture } from "../base/picture";
import { Tabs } from "../base/tabs";
import { Widget } from "../base/widget";
import { chance } from "../circuit/section_words";
import type { DatasetPicture, DatasetPictures, Wanted } from "./dataset_pictures";
import { EvaluationOffer } from "./evaluation_offer";
import "./dataset_dialog.css";

const KNOWN: readonly Wanted[] = ["right", "taken", "missed"];

export class DatasetDialog extends Widget<{ pick: DatasetPicture }> {
  readonly element: HTMLDialogElement;
  private readonly about = h("p", { class: "small quiet-text" });
  private readonly grid = h("ul", { class: "lens-pictures" });
  private readonly foot = h("div", {});
  private readonly offer: EvaluationOffer;
  private readonly tabs: Tabs;
  private readonly closed = new AbortController();
  private asked = new AbortController();
  private wanted: Wanted = "any";

  /** `name` is that of the circuit's class. */
  constructor(
    private readonly pictures: DatasetPictures,
    private readonly name: string,
  ) {
    super();
    this.offer = new EvaluationOffer(pictures, this.closed.signal);
    this.offer.on("known", (known) => this.known(known));
    const panel = h("div", {}, this.about, this.grid, this.foot);
    const labels: Record<string, string> = {
      right: "Correct",
      taken: "Mistaken for it",
      missed: "Missed",
    };
    this.tabs = new Tabs(
      "Pictures",
      KNOWN.map((one) => ({ name: one, label: labels[one] ?? one, panel })),
    );
    this.tabs.on("choose", (chosen) => this.choose(KNOWN.find((one) => one === chosen) ?? "right"));
    this.tabs.element.hidden = true;
    this.element = openDialog(`From the data set: “${name}”`, [this.offer.element, this.tabs.element, panel], () => {
      this.closed.abort();
      this.asked.abort();
    });
    this.element.classList.add("lens-dataset");
    this.element.addEventListener("keydown", (event) => event.stopPropagation());
    void this.offer.ask();
  }

  /** Whether it is known what the network says of the pictures. */
  private known(known: boolean): void {
    this.tabs.element.hidden = !known;
    this.choose(known ? "right" : "any");
  }

  private choose(wanted: Wanted): void {
    this.wanted = wanted;
    this.asked.abort();
    this.asked = new AbortController();
    this.tabs.show(wanted === "any" ? "right" : wanted);
    this.about.textContent = {
      right: `Pictures of “${this.name}” that the network takes for it.`,
      taken: `Pictures of other classes that the network takes for “${this.name}”.`,
      missed: `Pictures of “${this.name}” that the network takes for something else.`,
      any: `Pictures of “${this.name}”.`,
    }[wanted];
    this.grid.replaceChildren();
    void this.load(null);
  }

  private async load(cursor: string | null): Promise<void> {
    const { signal } = this.asked;
    this.foot.replaceChildren(h("p", { class: "quiet-text small", role: "status" }, "Loading…"));
    try {
      const page = await this.pictures.page(this.wanted, cursor, signal);
      if (signal.aborted) return;
      this.grid.append(...page.items.map((image) => this.tile(image)));
      this.foot.replaceChildren();
      const { next } = page;
      if (next) this.foot.append(this.more(next));
      else if (!this.grid.childElementCount) this.foot.append(h("p", { class: "quiet-text" }, this.none()));
    } catch (error) {
      if (!signal.aborted && told(error))
        this.foot.replaceChildren(problemMessage(error, () => void this.load(cursor)));
    }
  }

  private more(next: string): HTMLElement {
    const button = h("button", { type: "button" }, "Show more");
    button.addEventListener("click", () => void this.load(next));
    return button;
  }

  private none(): string {
    return {
      right: `The network takes no picture of “${this.name}” for what it is.`,
      taken: `The network takes no other picture for “${this.name}”.`,
      missed: `The network misses no picture of “${this.name}”.`,
      any: `The data set has no picture of “${this.name}”.`,
    }[this.wanted];
  }

  private tile(image: DatasetPicture): HTMLElement {
    const { label, prediction, name, thumbnail } = image;
    const button = h(
      "button",
      { type: "button", class: "quiet lens-picture", title: name },
      picture(thumbnail, name),
      h("span", { class: "small" }, label ?? "no class"),
      prediction &&
        h("span", { class: "small quiet-text number" }, `→ ${prediction.predicted} ${chance(prediction.probability)}`),
    );
    button.addEventListener("click", () => {
      this.element.close();
      this.emit("pick", image);
    });
    return h("li", {}, button);
  }
}
