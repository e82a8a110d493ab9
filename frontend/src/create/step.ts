/** The frame of a step, and the step for the visibility. */

import { hasAccounts, type Me } from "../account/me";
import { editableSpaces } from "../account/spaces";
import { type VisibilityChoice, VisibilityFields, USUAL } from "../account/visibility_fields";
import { h } from "../base/dom";
import { optional } from "../base/load";

export function step(number: number, title: string, text: string, ...content: Node[]): HTMLElement {
  const id = `step-${number}`;
  const head = h("h2", { id }, h("span", { class: "step-number", "aria-hidden": "true" }, String(number)), title);
  const intro = text ? h("p", { class: "small quiet-text step-intro" }, text) : null;
  return h("section", { class: "step", "aria-labelledby": id }, head, intro, ...content);
}

/** The step for the visibility of the new circuits. Hidden without accounts. */
export class VisibilityStep {
  readonly element = h("div", { hidden: true });
  private fields: VisibilityFields | null = null;

  /** The chosen visibility. */
  get value(): VisibilityChoice {
    return this.fields?.value ?? USUAL;
  }

  /** Calls `changed` after each choice. */
  async show(me: Me | null, changed: () => void = () => undefined): Promise<void> {
    if (!hasAccounts(me) || me === null) return;
    const spaces = (await optional(editableSpaces(me))) ?? [];
    this.fields = new VisibilityFields(USUAL, spaces);
    this.fields.on("change", changed);
    this.element.replaceChildren(step(6, "Visibility", "You can change it later.", this.fields.element));
    this.element.hidden = false;
  }
}
