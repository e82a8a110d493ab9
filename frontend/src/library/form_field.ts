/** A field of a form: its label, what is expected in a sentence, and what is wrong with it. */

import { h } from "../base/dom";
import "./form_field.css";

export interface FieldSpec {
  /** As the API calls it. */
  name: string;
  label: string;
  hint?: string;
  kind: "text" | "number" | "lines" | "file";
  required?: boolean;
  placeholder?: string;
  /** Of files: which ends of names are offered. */
  accept?: string;
  /** Values that are offered while one is typed. */
  options?: readonly string[];
}

let made = 0;

export class FormField {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement | HTMLTextAreaElement;
  private readonly error = h("p", { class: "field-error small" });

  constructor(readonly spec: FieldSpec) {
    const id = `field-${++made}`;
    const described = `${id}-hint ${id}-error`;
    const { placeholder, required } = spec;
    const common = { id, name: spec.name, placeholder, required, "aria-describedby": described };
    this.input =
      spec.kind === "lines" ? h("textarea", { ...common, rows: 4 }) : h("input", this.attributes(common, id));
    this.error.id = `${id}-error`;
    this.error.setAttribute("role", "alert");
    const optional = required ? null : h("span", { class: "quiet-text" }, " (optional)");
    const options = (spec.options ?? []).map((value) => h("option", { value }));
    this.element = h(
      "div",
      { class: "form-field" },
      h("label", { for: id }, spec.label, optional),
      this.input,
      options.length > 0 && h("datalist", { id: `${id}-list` }, ...options),
      h("p", { id: `${id}-hint`, class: "field-hint small quiet-text" }, spec.hint ?? ""),
      this.error,
    );
    this.input.addEventListener("input", () => this.complain(""));
    // The browser's own bubble hides what lies under it, and is gone after seconds.
    this.input.addEventListener("invalid", (event) => {
      event.preventDefault();
      this.complain(this.input.validity.valueMissing ? "This is needed." : this.input.validationMessage);
    });
  }

  /** What was written; the file itself of a file field. */
  get value(): string | File | null {
    if (this.input instanceof HTMLTextAreaElement || this.spec.kind !== "file") return this.input.value.trim();
    return this.input.files?.[0] ?? null;
  }

  /** Says what is wrong with the value; nothing where `text` is empty. */
  complain(text: string): void {
    this.error.textContent = text;
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  focus(): void {
    this.input.focus();
  }

  private attributes(common: Record<string, string | boolean | undefined>, id: string) {
    const { kind, accept, options } = this.spec;
    const type = kind === "lines" ? "text" : kind;
    const list = options?.length ? `${id}-list` : undefined;
    const number = kind === "number" ? { min: 8, max: 4096, step: 1, inputmode: "numeric" } : {};
    return { ...common, ...number, type, accept, list, autocomplete: "off", spellcheck: "false" };
  }
}
