/** The classes of a data set with their number of images and accuracy. */

import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { count, percent } from "../base/format";
import { Widget } from "../base/widget";
import type { Dataset } from "./registry";
import "./class_table.css";

type Measured = Schemas["ClassAccuracy"];

const MANY = 12;

export class ClassTable extends Widget<{ choose: string }> {
  private readonly words = h("input", { type: "search", placeholder: "Find a class", "aria-label": "Find a class" });
  private readonly order = h(
    "select",
    { "aria-label": "Sort classes" },
    h("option", { value: "name" }, "A to Z"),
    h("option", { value: "worst" }, "Least accurate first"),
    h("option", { value: "size" }, "Most images first"),
  );
  private readonly rows = h("ul", { class: "class-table-rows" });
  private readonly all = h("button", { type: "button", class: "class-row" });
  readonly element: HTMLElement;
  private accuracies = new Map<string, Measured>();
  private chosen = "";

  constructor(private dataset: Dataset) {
    super();
    const tools = h("div", { class: "class-tools" }, this.words, this.order);
    this.words.hidden = dataset.classes.length <= MANY;
    this.element = h("div", { class: "class-table" }, tools, this.all, this.rows);
    const total = dataset.image_count ?? 0;
    this.all.append(h("span", {}, "All classes"), h("span", { class: "number small" }, total.toLocaleString("en")));
    this.all.addEventListener("click", () => this.emit("choose", ""));
    this.words.addEventListener("input", () => this.draw());
    this.order.addEventListener("change", () => this.draw());
    this.draw();
  }

  /** Shows the accuracy of each class; empty if there was no evaluation. */
  measure(classes: readonly Measured[]): void {
    this.accuracies = new Map(classes.map((found) => [found.name, found]));
    this.draw();
  }

  /** Marks the class whose images are shown; empty for all classes. */
  mark(name: string): void {
    this.chosen = name;
    for (const row of [this.all, ...this.rows.querySelectorAll("button")]) {
      row.setAttribute("aria-pressed", String((row.dataset.name ?? "") === name));
    }
  }

  private draw(): void {
    const words = this.words.value.trim().toLowerCase();
    const shown = this.dataset.classes.filter(({ name }) => name.toLowerCase().includes(words));
    const score = (name: string) => this.accuracies.get(name)?.accuracy ?? 2;
    if (this.order.value === "worst") shown.sort((a, b) => score(a.name) - score(b.name));
    else if (this.order.value === "size") shown.sort((a, b) => b.images - a.images);
    else shown.sort((a, b) => a.name.localeCompare(b.name, "en"));
    this.rows.replaceChildren(...shown.map((entry) => h("li", {}, this.row(entry))));
    this.mark(this.chosen);
  }

  private row({ name, images, train, test }: Dataset["classes"][number]): HTMLElement {
    const row = h("button", { type: "button", class: "class-row" });
    row.dataset.name = name;
    const size = h("span", { class: "number small quiet-text" }, images.toLocaleString("en"));
    size.title = `${count(images, "image")}: ${train.toLocaleString("en")} train, ${test.toLocaleString("en")} test`;
    const mapped = this.dataset.class_map[name];
    const means = mapped === undefined ? null : h("span", { class: "small quiet-text" }, ` → ${mapped}`);
    row.append(h("span", { class: "class-name", title: name }, name, means), size);
    const found = this.accuracies.get(name);
    if (found) {
      const words = h("span", { class: "number small class-accuracy" }, percent(found.accuracy));
      words.title = `${Math.round(found.accuracy * found.images)} of ${count(found.images, "image")} correct`;
      const bar = h("meter", { min: 0, max: 1, value: found.accuracy, "aria-label": "Accuracy" });
      row.append(bar, words);
    }
    row.addEventListener("click", () => this.emit("choose", name));
    return row;
  }
}
