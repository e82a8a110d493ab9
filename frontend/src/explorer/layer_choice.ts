/** Which layers are seen: a list of boxes that drops down. */

import { h } from "../base/dom";
import { Widget } from "../base/widget";
import type { Circuit } from "../circuit/model/circuit";

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
