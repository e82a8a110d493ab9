/** The classes to choose from, with search, order, number of images and accuracy. */

import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { count, percent } from "../base/format";
import { Widget } from "../base/widget";
import { classesWithImages, type NetworkClass, NO_CLASSES, type SharedClasses } from "../circuit/shared_classes";
import "./class_list.css";

type Accuracies = ReadonlyMap<string, Schemas["ClassAccuracy"]>;
type Order = "name" | "best" | "worst";

interface ClassListEvents {
  /** The names of the chosen classes in the API. */
  choose: string[];
  /** Whether several classes can be chosen. */
  several: boolean;
}

export class ClassList extends Widget<ClassListEvents> {
  readonly element: HTMLElement;
  private shared = NO_CLASSES;
  private classes: NetworkClass[] = [];
  private accuracies: Accuracies = new Map();
  private chosen = new Set<string>();
  private several = false;
  private readonly search = h("input", {
    type: "search",
    placeholder: "Search classes",
    "aria-label": "Search classes",
  });
  private readonly order = h("select", { "aria-label": "Sort classes" });
  private readonly many = h("input", { type: "checkbox" });
  private readonly all = h("button", { type: "button", class: "quiet" }, "Select all");
  private readonly none = h("button", { type: "button", class: "quiet" }, "Clear");
  private readonly rows = h("div", { class: "class-rows" });
  private readonly note = h("p", { class: "small quiet-text", role: "status" });

  constructor() {
    super();
    for (const [value, text] of [
      ["name", "by name"],
      ["best", "most accurate first"],
      ["worst", "least accurate first"],
    ] as const) {
      this.order.append(h("option", { value }, text));
    }
    this.search.addEventListener("input", () => this.render());
    this.order.addEventListener("change", () => this.render());
    this.many.addEventListener("change", () => this.emit("several", this.many.checked));
    this.all.addEventListener("click", () => this.choose([...this.chosen, ...this.visible().map(({ name }) => name)]));
    this.none.addEventListener("click", () => this.choose([]));
    this.element = h(
      "div",
      { class: "class-list" },
      h("div", { class: "class-tools" }, this.search, this.order),
      this.rows,
      h(
        "div",
        { class: "class-tools" },
        h("label", { class: "class-many" }, this.many, "Select several classes"),
        this.all,
        this.none,
      ),
      this.note,
    );
  }

  /** Shows the classes, and which of them are chosen. */
  show(shared: SharedClasses, chosen: readonly string[], several: boolean): void {
    this.shared = shared;
    this.classes = classesWithImages(shared);
    this.chosen = new Set(chosen);
    this.several = this.many.checked = several;
    this.all.hidden = this.none.hidden = !several;
    this.render();
    const row = this.rows.querySelector<HTMLElement>(":checked")?.parentElement;
    // Scrolls the list to the chosen class, without moving the page.
    if (row) this.rows.scrollTop = row.offsetTop - this.rows.offsetTop - this.rows.clientHeight / 2;
  }

  /** Shows accuracies by label of the data set; empty if they were not measured. */
  showAccuracies(accuracies: Accuracies): void {
    this.accuracies = accuracies;
    for (const option of this.order.options) option.disabled = option.value !== "name" && accuracies.size === 0;
    if (accuracies.size === 0) this.order.value = "name";
    this.render();
  }

  /** The accuracy over all labels of a class. */
  private accuracy({ labels }: NetworkClass): number | null {
    const measured = labels.map((label) => this.accuracies.get(label)).filter((one) => one !== undefined);
    const images = measured.reduce((sum, one) => sum + one.images, 0);
    return images > 0 ? measured.reduce((sum, one) => sum + one.accuracy * one.images, 0) / images : null;
  }

  private visible(): NetworkClass[] {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.classes.filter((one) => {
      const text = [one.shown, ...one.labels].join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const order = this.order.value as Order;
    const by = (one: NetworkClass) => this.accuracy(one) ?? (order === "best" ? -1 : 2);
    return found.sort((a, b) => {
      const byAccuracy = order === "name" ? 0 : order === "best" ? by(b) - by(a) : by(a) - by(b);
      return byAccuracy || a.shown.localeCompare(b.shown, "en", { numeric: true });
    });
  }

  private render(): void {
    const visible = this.visible();
    const focused = this.rows.contains(document.activeElement)
      ? (document.activeElement as HTMLInputElement).value
      : null;
    this.rows.setAttribute("role", this.several ? "group" : "radiogroup");
    this.rows.setAttribute("aria-label", "Classes");
    this.rows.replaceChildren(...visible.map((one) => this.row(one)));
    if (focused !== null) this.input(focused)?.focus();
    this.note.textContent = this.summary(visible.length);
  }

  private row(one: NetworkClass): HTMLElement {
    const type = this.several ? "checkbox" : "radio";
    const input = h("input", { type, name: "class", value: one.name, checked: this.chosen.has(one.name) });
    input.addEventListener("change", () => this.toggle(one.name, input.checked));
    const accuracy = this.accuracy(one);
    const bar = h("span", { class: "class-bar" }, h("span"));
    if (bar.firstElementChild instanceof HTMLElement) bar.firstElementChild.style.width = `${100 * (accuracy ?? 0)}%`;
    return h(
      "label",
      { class: "class-row" },
      input,
      h("span", { class: "class-name" }, one.shown, ownNames(one)),
      h("span", { class: "class-images small number" }, one.images === null ? "" : count(one.images, "image")),
      accuracy === null
        ? null
        : h(
            "span",
            {
              class: "class-accuracy small number",
              title: "Accuracy: share of its images that the network predicts correctly",
            },
            bar,
            percent(accuracy),
          ),
    );
  }

  private toggle(name: string, on: boolean): void {
    const others = this.several ? [...this.chosen].filter((one) => one !== name) : [];
    this.choose(on ? [...others, name] : others);
  }

  private choose(names: readonly string[]): void {
    this.chosen = new Set(names);
    for (const input of this.rows.querySelectorAll("input")) input.checked = this.chosen.has(input.value);
    this.note.textContent = this.summary(this.visible().length);
    // In the order of the network's outputs, so that the same choice has the same address.
    const order = new Map(this.classes.map(({ name }, place) => [name, place]));
    this.emit(
      "choose",
      [...this.chosen].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
    );
  }

  private input(value: string): HTMLInputElement | undefined {
    return [...this.rows.querySelectorAll("input")].find((input) => input.value === value);
  }

  private summary(visible: number): string {
    const { classes, labelled } = this.shared;
    const missing = classes.length - this.classes.length;
    const parts = [
      visible === 0 && this.classes.length > 0 ? "No classes match your search." : "",
      this.several ? `${count(this.chosen.size, "class", "classes")} selected. Each gets its own circuit.` : "",
      !labelled && classes.length > 0
        ? "The data set has no labels: the network selects the images of each class."
        : "",
      this.classes.length === 0 && classes.length > 0 ? "No label of the data set matches a class of the network." : "",
      missing > 0 && this.classes.length > 0
        ? `${count(missing, "class", "classes")} of the network without images hidden.`
        : "",
    ];
    return parts.filter(Boolean).join(" ");
  }
}

/** The labels of a class that are spelled differently. */
function ownNames({ shown, labels }: NetworkClass): HTMLElement | null {
  const others = labels.filter((label) => label !== shown);
  return others.length > 0 ? h("span", { class: "small quiet-text class-labels" }, others.join(", ")) : null;
}
