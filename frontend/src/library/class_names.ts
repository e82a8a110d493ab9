/** The classes of a network as a virtual list. */

import { h } from "../base/dom";
import { count } from "../base/format";
import "./class_names.css";

// The height of a row in the style sheet, and the number of visible rows.
const ROW_PX = 28;
const IN_SIGHT = 12;
const AROUND = 10;

export class ClassNames {
  private readonly words = h("input", { type: "search", placeholder: "Find a class", "aria-label": "Find a class" });
  private readonly total = h("p", { class: "small quiet-text", role: "status" });
  private readonly list = h("ul", { class: "class-rows" });
  private readonly view = h(
    "div",
    { class: "class-view", tabindex: 0, role: "group", "aria-label": "Classes" },
    this.list,
  );
  readonly element = h("div", { class: "class-names" }, this.words, this.total, this.view);
  private found: number[] = [];
  private rows = new Map<number, HTMLElement>();

  /** `address` gives the link of a class. */
  constructor(
    private readonly names: readonly string[],
    private readonly address: (name: string) => string,
  ) {
    this.words.hidden = names.length <= IN_SIGHT;
    this.words.addEventListener("input", () => this.filter());
    this.view.addEventListener("scroll", () => this.draw(), { passive: true });
    this.filter();
  }

  private filter(): void {
    const words = this.words.value.trim().toLowerCase();
    this.found = [...this.names.keys()].filter(
      (place) => this.names[place]?.toLowerCase().includes(words) || `${place}` === words,
    );
    const all = count(this.names.length, "class", "classes");
    this.total.textContent = words ? `${this.found.length.toLocaleString("en")} of ${all}` : all;
    this.list.style.height = `${this.found.length * ROW_PX}px`;
    this.rows.clear();
    this.list.replaceChildren();
    this.view.scrollTop = 0;
    this.draw();
  }

  /** Adds the visible rows to the page. Rows that are already there keep the focus. */
  private draw(): void {
    const first = Math.max(0, Math.floor(this.view.scrollTop / ROW_PX) - AROUND);
    const last = Math.min(this.found.length, first + IN_SIGHT + 2 * AROUND);
    for (const [index, row] of this.rows) {
      if (index >= first && index < last) continue;
      row.remove();
      this.rows.delete(index);
    }
    for (let index = first; index < last; index++) {
      if (this.rows.has(index)) continue;
      const row = this.row(index);
      this.rows.set(index, row);
      // Inserted in order, for the Tab key.
      const next = [...this.rows.keys()].filter((other) => other > index).sort((a, b) => a - b)[0];
      this.list.insertBefore(row, next === undefined ? null : (this.rows.get(next) ?? null));
    }
  }

  private row(index: number): HTMLElement {
    const place = this.found[index] ?? 0;
    const name = this.names[place] ?? "";
    const link = h("a", { href: this.address(name), title: `Circuits of ${name}` }, name);
    const number = h("span", { class: "class-place number small quiet-text" }, `${place}`);
    const row = h("li", { "aria-posinset": index + 1, "aria-setsize": this.found.length }, number, link);
    row.style.transform = `translateY(${index * ROW_PX}px)`;
    return row;
  }
}
