/** A group's label in the head of its panel: name, description, edit button, history. */

import { h } from "../base/dom";
import { moment } from "../base/format";
import { load } from "../base/load";
import { Widget } from "../base/widget";
import type { GroupId } from "../circuit/types";
import type { CircuitNotes } from "./circuit_notes";
import { LabelForm } from "./label_form";
import type { LabelChange } from "./types";
import "./label_head.css";

export class LabelHead extends Widget {
  readonly element = h("div", { class: "label-head" });
  private readonly about = h("p", { class: "label-about" });
  private readonly pen: HTMLButtonElement;
  private readonly past = h("details", { class: "small label-past" }, h("summary", {}, "History"));
  private form: LabelForm | null = null;

  constructor(
    private readonly circuitNotes: CircuitNotes,
    private readonly group: GroupId,
    signal: AbortSignal,
    more: Node | null = null,
  ) {
    super();
    this.pen = h("button", { type: "button", class: "quiet small" });
    this.pen.addEventListener("click", () => this.edit().focus());
    this.past.addEventListener("toggle", () => this.past.open && void this.loadPast());
    circuitNotes.on("labels", () => this.show(), signal);
    this.element.append(this.about, h("div", { class: "label-ways" }, this.pen, more, this.past));
    this.show();
    if (circuitNotes.drafts.has(LabelForm.draftOf(group))) this.edit();
  }

  private show(): void {
    const label = this.circuitNotes.label(this.group);
    this.form?.meanwhile(label);
    this.about.textContent = label?.description ?? "";
    this.about.hidden = !label?.description || this.form !== null;
    this.pen.textContent = label?.name ? "✎ Edit label" : "✎ Add label";
    this.pen.hidden = !this.circuitNotes.mayLabel || this.form !== null;
    this.past.hidden = !label;
    if (this.past.open) void this.loadPast();
  }

  private edit(): LabelForm {
    const form = new LabelForm(this.circuitNotes, this.group);
    form.on("close", () => {
      form.element.remove();
      this.form = null;
      this.show();
      this.pen.focus();
    });
    this.form = form;
    this.element.prepend(form.element);
    this.show();
    return form;
  }

  private async loadPast(): Promise<void> {
    const place = h("div", {});
    this.past.replaceChildren(h("summary", {}, "History"), place);
    await load(place, async () => {
      const { items } = await this.circuitNotes.api.history(this.group);
      return [h("ol", { class: "plain-list" }, ...items.map(changeRow))];
    });
  }
}

function changeRow({ name, description, by, at }: LabelChange): HTMLElement {
  return h(
    "li",
    {},
    name ? h("strong", {}, name) : h("em", {}, "no name"),
    description && ` – ${description}`,
    h("span", { class: "quiet-text" }, ` · ${by}, `, h("time", { datetime: at }, moment(at))),
  );
}
