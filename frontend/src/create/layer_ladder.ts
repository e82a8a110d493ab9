/** The layers to choose from, as a ladder with the class on top. */

import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { count } from "../base/format";
import { Widget } from "../base/widget";
import "./layer_ladder.css";

type Layer = Schemas["LayerOut"];

export const LADDER =
  "From the class down. The width of a bar shows the number of neurons, a size such as 6 × 6 the layer’s feature map.";

export class LayerLadder extends Widget<{ choose: string[] | null }> {
  readonly element = h("div", { class: "ladder" });
  private layers: readonly Layer[] = [];
  private chosen = new Set<string>();
  /** Layers that were chosen stay visible. */
  private readonly used = new Set<string>();
  private all = false;

  /** Shows `layers`, low to high, and checks `chosen`; the default ones if it is null. */
  show(layers: readonly Layer[], chosen: readonly string[] | null): void {
    this.layers = layers;
    this.chosen = new Set(chosen ?? defaultLayers(layers));
    this.used.clear();
    this.render();
  }

  private render(): void {
    if (this.layers.length === 0) {
      this.element.replaceChildren(h("p", { class: "quiet-text" }, "Choose a network to see its layers."));
      return;
    }
    for (const name of this.chosen) this.used.add(name);
    // Cut points inside blocks are hidden at first: there are many, and few users need them.
    const shown = this.layers.filter((layer) => this.all || layer.default || this.used.has(layer.name));
    const most = Math.max(...this.layers.map(({ channels }) => channels));
    const rungs = [...shown].reverse().map((layer) => this.rung(layer, most));
    const list = h("div", { class: "rungs", role: "group", "aria-label": "Layers, from high to low" }, ...rungs);
    list.addEventListener("keydown", (event) => this.walk(event));
    const scrolled = this.element.firstElementChild?.scrollTop ?? 0;
    this.element.replaceChildren(list, this.foot(this.layers.length - shown.length));
    list.scrollTop = scrolled;
  }

  private rung(layer: Layer, most: number): HTMLElement {
    const top = layer === this.layers.at(-1);
    const input = h("input", {
      type: "checkbox",
      value: layer.name,
      checked: top || this.chosen.has(layer.name),
      disabled: top,
    });
    input.addEventListener("change", () => this.toggle(layer.name, input.checked));
    const bar = h("span", { class: "rung-bar" });
    bar.style.width = `${Math.round((100 * Math.log2(1 + layer.channels)) / Math.log2(1 + most))}%`;
    const size = top ? "one per class" : place(layer.shape);
    return h(
      "label",
      { class: "rung", title: top ? "The class itself, always part of the circuit" : `${layer.kind} ${layer.name}` },
      input,
      h("code", { class: "rung-name" }, layer.name),
      h("span", { class: "rung-step" }, bar),
      h(
        "span",
        { class: "rung-shape small number" },
        [count(layer.channels, "neuron"), size].filter(Boolean).join(" · "),
      ),
    );
  }

  private foot(hidden: number): HTMLElement {
    const below = this.below();
    const defaults = defaultLayers(this.layers);
    const same = below.length === defaults.length && below.every((name, i) => name === defaults[i]);
    const reset = h("button", { type: "button", class: "quiet", hidden: same }, "Default layers");
    reset.addEventListener("click", () => this.take(defaults));
    const extra = this.layers.some((layer) => !layer.default);
    const text = this.all ? "Show fewer" : `Show all ${this.layers.length} layers`;
    const all = h("button", { type: "button", class: "quiet", hidden: !extra || (!this.all && hidden === 0) }, text);
    all.addEventListener("click", () => {
      this.all = !this.all;
      this.render();
    });
    const problem = below.length === 0 ? "Choose at least one layer below the class." : "";
    return h(
      "div",
      { class: "ladder-foot" },
      h("span", { class: "step-problem", role: "status" }, problem),
      reset,
      all,
    );
  }

  /** Moves the focus up and down with the arrow keys. */
  private walk(event: KeyboardEvent): void {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const inputs = [...this.element.querySelectorAll<HTMLInputElement>(".rung input:not(:disabled)")];
    const at = inputs.indexOf(document.activeElement as HTMLInputElement);
    const next = step === undefined || at < 0 ? undefined : inputs[at + step];
    if (step === undefined || at < 0) return;
    event.preventDefault();
    next?.focus();
  }

  private toggle(name: string, on: boolean): void {
    if (on) this.chosen.add(name);
    else this.chosen.delete(name);
    this.take(this.below(), name);
  }

  private take(names: readonly string[], focus?: string): void {
    this.chosen = new Set(names);
    this.render();
    if (focus) this.element.querySelector<HTMLInputElement>(`input[value="${CSS.escape(focus)}"]`)?.focus();
    const defaults = defaultLayers(this.layers);
    const same = names.length === defaults.length && names.every((name, i) => name === defaults[i]);
    this.emit("choose", same ? null : [...names]);
  }

  /** The chosen layers below the logits, from low to high. */
  private below(): string[] {
    return this.layers.slice(0, -1).flatMap(({ name }) => (this.chosen.has(name) ? [name] : []));
  }
}

/** The default layers below the logits. */
export function defaultLayers(layers: readonly Layer[]): string[] {
  return layers.slice(0, -1).flatMap((layer) => (layer.default ? [layer.name] : []));
}

/** The size of a neuron's feature map, `14 × 14`, or the number of tokens. */
function place(shape: readonly number[]): string {
  if (shape.length === 3 && (shape[1] ?? 1) * (shape[2] ?? 1) > 1) return `${shape[1]} × ${shape[2]}`;
  return shape.length === 2 ? `${shape[0]} tokens` : "";
}
