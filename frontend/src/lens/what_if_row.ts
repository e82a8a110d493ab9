/** One group of What if with its factor: a slider for the usual ones, a field for all. */

import { h } from "../base/dom";
import { Widget } from "../base/widget";
import { groupName } from "../circuit/section_words";
import type { GroupId } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { groupButton } from "./section_group";

const MOST_OF_SLIDER = 2;
const MOST = 10;
const STEP = 0.1;

interface WhatIfRowEvents {
  change: number;
  /** The person waits for the answer: Enter. */
  now: null;
  remove: null;
}

export class WhatIfRow extends Widget<WhatIfRowEvents> {
  readonly element: HTMLElement;
  private readonly field: HTMLInputElement;
  private readonly slider: HTMLInputElement;

  constructor(context: LensContext, group: GroupId, factor: number) {
    super();
    const name = groupName(group);
    const numbers = { min: 0, step: STEP, value: factor, "aria-label": `Factor of ${name}` };
    this.slider = h("input", { type: "range", ...numbers, max: MOST_OF_SLIDER });
    this.field = h("input", { type: "number", ...numbers, step: "any", max: MOST, inputmode: "decimal" });
    const remove = h("button", { type: "button", class: "quiet what-if-remove", "aria-label": `Remove ${name}` }, "✕");
    const form = h("form", { class: "what-if-factor" }, this.slider, h("span", { class: "small" }, "×"), this.field);
    this.element = h("li", { class: "what-if-row" }, groupButton(context, group), remove, form);
    this.slider.addEventListener("input", () => {
      this.field.value = this.slider.value;
      this.tell();
    });
    this.field.addEventListener("input", () => {
      if (!Number.isNaN(this.factor)) this.slider.value = String(Math.min(MOST_OF_SLIDER, this.factor));
      this.tell();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.emit("now", null);
    });
    remove.addEventListener("click", () => this.emit("remove", null));
  }

  /** NaN where what is written is no factor. */
  get factor(): number {
    const value = this.field.value.trim() === "" ? NaN : Number(this.field.value);
    return value >= 0 && value <= MOST ? value : NaN;
  }

  private tell(): void {
    const { factor } = this;
    this.field.setAttribute("aria-invalid", String(Number.isNaN(factor)));
    this.emit("change", factor);
  }
}
