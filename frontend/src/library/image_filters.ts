/** The filters of the image browser: class, split, outcome. */

import { at } from "../api/address";
import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { Widget } from "../base/widget";
import { type ImageQuery, OUTCOMES, SPLITS } from "./image_query";
import "./image_filters.css";

export class ImageFilters extends Widget<{ change: ImageQuery }> {
  private readonly chosen = h("span", { class: "filter-class" });
  private readonly all = h("button", { type: "button", class: "quiet", "aria-label": "All classes" }, "✕");
  private readonly circuit = h("a", { class: "button" }, "New circuit");
  private readonly network = h("select", { "aria-label": "Predictions of" });
  private readonly outcome = choice("Outcome", { "": "All predictions", right: "Correct only", wrong: "Wrong only" });
  private readonly split = choice("Split", { "": "Train and test", train: "Train", test: "Test" });
  private readonly predictions = h("label", { class: "filter-network" }, "Predictions of ", this.network);
  private readonly ofClass = h("span", { class: "filter-of-class" }, this.chosen, this.all, this.circuit);
  readonly element: HTMLElement;

  constructor(
    private readonly dataset: string,
    private query: ImageQuery,
  ) {
    super();
    const fields = [this.ofClass, this.predictions, this.outcome, this.split];
    this.element = h("div", { class: "image-filters", role: "search", "aria-label": "Images" }, ...fields);
    this.all.addEventListener("click", () => this.change({ class: "" }));
    this.network.addEventListener("change", () => this.change({ network: this.network.value }));
    this.outcome.addEventListener("change", () => {
      this.change({ outcome: OUTCOMES.find((value) => value === this.outcome.value) ?? "" });
    });
    this.split.addEventListener("change", () => {
      this.change({ split: SPLITS.find((value) => value === this.split.value) ?? "" });
    });
    this.offer([]);
    this.show(query);
  }

  /** The networks whose predictions are known. */
  offer(networks: readonly Schemas["Named"][]): void {
    this.network.replaceChildren(...networks.map(({ id, name }) => h("option", { value: id }, name)));
    this.predictions.hidden = this.outcome.hidden = networks.length === 0;
  }

  show(query: ImageQuery): void {
    this.query = query;
    this.ofClass.hidden = query.class === "";
    this.chosen.textContent = query.class;
    const chosen = { dataset: this.dataset, ...(query.network && { network: query.network }), class: query.class };
    this.circuit.href = at(`/circuits/new?${new URLSearchParams(chosen)}`);
    this.circuit.title = `Compute the circuit of ${query.class}`;
    const known = [...this.network.options].some(({ value }) => value === query.network);
    if (!known && query.network) this.network.append(h("option", { value: query.network }, query.network));
    this.network.value = query.network;
    this.outcome.value = query.outcome;
    this.split.value = query.split;
  }

  private change(part: Partial<ImageQuery>): void {
    this.show({ ...this.query, ...part });
    this.emit("change", this.query);
  }
}

function choice(label: string, words: Record<string, string>): HTMLSelectElement {
  const options = Object.entries(words).map(([value, text]) => h("option", { value }, text));
  return h("select", { "aria-label": label }, ...options);
}
