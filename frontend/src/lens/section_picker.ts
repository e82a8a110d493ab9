/** Picks one of many items by name: typing narrows the list, Enter or the button picks. */

import { h } from "../base/dom";
import { Widget } from "../base/widget";
import "./section_picker.css";

export interface Choice {
  value: string;
  label: string;
}

let made = 0;

export class SectionPicker extends Widget<{ pick: string }> {
  readonly element: HTMLFormElement;
  private readonly input: HTMLInputElement;
  private readonly note = h("p", { class: "small quiet-text", role: "status" });

  constructor(
    label: string,
    action: string,
    private readonly choices: readonly Choice[],
  ) {
    super();
    const id = `lens-choices-${++made}`;
    this.input = h("input", {
      type: "text",
      list: id,
      autocomplete: "off",
      placeholder: "Search",
      "aria-label": label,
    });
    const options = choices.map((choice) => h("option", { value: choice.label }));
    this.element = h(
      "form",
      { class: "lens-picker" },
      h("span", { class: "small" }, label),
      h("span", { class: "lens-picker-line" }, this.input, h("button", { type: "submit" }, action)),
      h("datalist", { id }, ...options),
      this.note,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.take();
    });
    this.input.addEventListener("input", (event) => {
      this.note.textContent = "";
      // Chosen from the list. Typed text may be the beginning of a longer name.
      if ((event as InputEvent).inputType === "insertReplacementText") this.take();
    });
  }

  private take(): void {
    const wanted = this.input.value.trim().toLowerCase();
    const fitting = this.choices.filter(({ label }) => label.toLowerCase().includes(wanted));
    const exact = fitting.find(({ label }) => label.toLowerCase() === wanted);
    const found = exact ?? (fitting.length === 1 ? fitting[0] : undefined);
    if (found && wanted) {
      this.input.value = "";
      this.emit("pick", found.value);
      return;
    }
    this.note.textContent =
      fitting.length === 0 ? "No match." : wanted ? `${fitting.length} matches. Keep typing.` : "";
  }
}
