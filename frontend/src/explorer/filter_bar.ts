/** The filters: influence, weight, sign, layers, search, and what is connected to the selected group. */

import { h } from "../base/dom";
import { count } from "../base/format";
import { Widget } from "../base/widget";
import type { Circuit } from "../circuit/model/circuit";
import { type Change, isFiltered, RESET_FILTERS } from "../circuit/model/edit";
import type { Direction, NodeId, Sign, ViewGraph, ViewState } from "../circuit/types";
import "./filter_bar.css";

interface Shown {
  circuit: Circuit;
  state: ViewState;
  view: ViewGraph;
  /** The node for `around`; null if an edge or nothing is selected. */
  node: NodeId | null;
  /** The number of search results; null without a search. */
  found: number | null;
}

export class FilterBar extends Widget<{ change: Change }> {
  readonly element = h("div", { class: "ex-filters", role: "search", "aria-label": "Filters" });
  readonly search = h("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": "Search labels, layers, neurons",
  });
  private readonly influence = h("input", { type: "range", min: 1, max: 100, step: 1 });
  private readonly influenceText = h("output", { class: "number" });
  private readonly weight = h("input", { type: "range", min: 0, max: 60, step: 1 });
  private readonly weightText = h("output", { class: "number" });
  private readonly sign = select("Sign of edges", {
    both: "All edges",
    positive: "Exciting only",
    negative: "Inhibiting only",
  });
  private readonly around = select("Groups connected to the selected group", {
    "": "Around: all",
    down: "Below the selection",
    up: "Above the selection",
    both: "Below and above",
  });
  private readonly layers = new LayerChoice();
  /** How much of the circuit is visible. The page places it where there is room. */
  readonly counts = h("span", { class: "ex-counts small quiet-text", role: "status" });
  private readonly reset = h("button", { type: "button", class: "quiet" }, "Show all");
  private readonly toggle = h(
    "button",
    { type: "button", class: "ex-filter-toggle", "aria-expanded": "false" },
    "Filters",
  );
  private node: NodeId | null = null;

  constructor() {
    super();
    const body = h(
      "div",
      { class: "ex-filter-body", id: "ex-filter-body" },
      h(
        "label",
        {
          title: "Show the fewest groups of each layer that account for this share of the class’s score (keys [ and ])",
        },
        h("span", {}, "Groups for ", this.influenceText, " of the score"),
        this.influence,
      ),
      h(
        "label",
        { title: "Show edges with at least this share of the largest weight between the same two layers" },
        h("span", {}, "Edges ≥ ", this.weightText),
        this.weight,
      ),
      this.sign,
      this.layers.element,
      this.around,
      this.reset,
    );
    this.toggle.setAttribute("aria-controls", body.id);
    this.element.append(this.search, this.toggle, body);
    this.listen();
  }

  show({ circuit, state, view, node, found }: Shown): void {
    this.node = state.around?.node ?? node;
    keep(this.influence, String(state.influence));
    this.influenceText.textContent = `${state.influence} %`;
    this.weight.max = String(Math.max(60, state.weight));
    keep(this.weight, String(state.weight));
    this.weightText.textContent = `${state.weight} %`;
    this.sign.value = state.sign;
    this.around.value = state.around?.direction ?? "";
    this.around.disabled = this.node === null;
    this.around.title = this.node === null ? "Select a group first" : "";
    keep(this.search, state.search);
    this.layers.show(circuit, state.hide);
    this.reset.style.visibility = isFiltered(state) ? "" : "hidden";
    const groups = circuit.groups.size;
    const edges = view.edges.length + view.hiddenEdges;
    this.counts.textContent = [
      part(groups - view.hiddenGroups, groups, "group"),
      part(view.edges.length, edges, "edge"),
      found === null ? "" : `${found} found`,
    ]
      .filter(Boolean)
      .join(" · ");
  }

  private listen(): void {
    const on = (field: HTMLElement, event: string, change: () => Change) =>
      field.addEventListener(event, () => this.emit("change", change()));
    on(this.influence, "input", () => ({ influence: Number(this.influence.value) }));
    on(this.weight, "input", () => ({ weight: Number(this.weight.value) }));
    on(this.sign, "change", () => ({ sign: this.sign.value as Sign }));
    on(this.search, "input", () => ({ search: this.search.value }));
    on(this.reset, "click", () => RESET_FILTERS);
    on(this.around, "change", () => {
      const direction = this.around.value as Direction | "";
      return { around: direction && this.node ? { node: this.node, direction } : null };
    });
    this.layers.on("change", (hide) => this.emit("change", { hide }));
    this.toggle.addEventListener("click", () => {
      const open = this.element.classList.toggle("open");
      this.toggle.setAttribute("aria-expanded", String(open));
    });
  }
}

const part = (shown: number, all: number, word: string) =>
  shown === all ? count(all, word) : `${shown.toLocaleString("en")} of ${count(all, word)}`;

function select(label: string, options: Record<string, string>): HTMLSelectElement {
  return h(
    "select",
    { "aria-label": label },
    ...Object.entries(options).map(([value, text]) => h("option", { value }, text)),
  );
}

/** Sets a field's value if it differs, so that the caret does not jump. */
function keep(field: HTMLInputElement, value: string): void {
  if (field.value !== value) field.value = value;
}

/** A drop-down list of checkboxes for the visible layers. */
export class LayerChoice extends Widget<{ change: string[] }> {
  private readonly label = h("summary", {});
  private readonly list = h("div", { class: "ex-layer-list" });
  readonly element = h("details", { class: "ex-layers" }, this.label, this.list);
  private names = "";

  constructor() {
    super();
    const close = () => {
      this.element.open = false;
    };
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      event.preventDefault();
      close();
      this.label.focus();
    });
    this.element.addEventListener("focusout", (event) => {
      if (event.relatedTarget instanceof Node && !this.element.contains(event.relatedTarget)) close();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!this.element.contains(event.target as Node)) close();
    });
  }

  show(circuit: Circuit, hidden: readonly string[]): void {
    const names = circuit.layers.map((layer) => layer.name).reverse();
    if (names.join("\n") !== this.names) {
      this.names = names.join("\n");
      this.list.replaceChildren(...names.map((name) => this.row(name, circuit.members.get(name)?.length ?? 0)));
    }
    for (const box of this.boxes()) box.checked = !hidden.includes(box.value);
    const seen = names.length - hidden.length;
    this.label.textContent = hidden.length ? `Layers: ${seen} of ${names.length}` : "Layers: all";
  }

  private boxes(): HTMLInputElement[] {
    return [...this.list.querySelectorAll("input")];
  }

  private row(name: string, groups: number): HTMLElement {
    const box = h("input", { type: "checkbox", value: name });
    box.addEventListener("change", () => {
      const hidden = this.boxes().filter((each) => !each.checked);
      this.emit(
        "change",
        hidden.map((each) => each.value),
      );
    });
    return h("label", {}, box, h("span", {}, name), h("span", { class: "quiet-text number" }, String(groups)));
  }
}
