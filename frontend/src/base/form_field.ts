/** A form field with its label, hint and error. */

import { h } from "./dom";
import "./form_field.css";

export interface FieldSpec {
  /** The name in the API. */
  name: string;
  label: string;
  hint?: string;
  kind: "text" | "number" | "lines" | "file" | "password" | "choice";
  required?: boolean;
  placeholder?: string;
  /** For whole numbers. */
  range?: { readonly low: number; readonly high: number };
  /** For files: the offered file name extensions. */
  accept?: string;
  /** Suggested values. */
  options?: readonly string[];
  /** For choices: values with their labels. The first one is the default. */
  choices?: readonly (readonly [value: string, words: string])[];
  /** What a browser may fill in, such as `current-password`. */
  autocomplete?: AutoFill;
}

let made = 0;

export class FormField {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
  private readonly error = h("p", { class: "field-error small" });

  constructor(readonly spec: FieldSpec) {
    const id = `field-${++made}`;
    const described = `${id}-hint ${id}-error`;
    const { placeholder, required } = spec;
    const common = { id, name: spec.name, placeholder, required, "aria-describedby": described };
    if (spec.kind === "lines") this.input = h("textarea", { ...common, rows: 4 });
    else if (spec.kind !== "choice") this.input = h("input", this.attributes(common, id));
    else {
      const rows = (spec.choices ?? []).map(([value, words]) => h("option", { value }, words));
      this.input = h("select", { ...common, placeholder: null }, ...rows);
    }
    this.error.id = `${id}-error`;
    this.error.setAttribute("role", "alert");
    const optional = required || spec.kind === "choice" ? null : h("span", { class: "quiet-text" }, " (optional)");
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
    // The browser's own message covers other content and disappears after seconds.
    this.input.addEventListener("invalid", (event) => {
      event.preventDefault();
      this.complain(this.input.validity.valueMissing ? "Fill in this field." : this.input.validationMessage);
    });
  }

  /** The text, or the file of a file field. */
  get value(): string | File | null {
    if (this.spec.kind === "file") return (this.input as HTMLInputElement).files?.[0] ?? null;
    // Passwords can begin and end with spaces.
    return this.spec.kind === "password" ? this.input.value : this.input.value.trim();
  }

  /** Shows an error at the field; none if `text` is empty. */
  complain(text: string): void {
    this.error.textContent = text;
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  focus(): void {
    this.input.focus();
  }

  private attributes(common: Record<string, string | boolean | undefined>, id: string) {
    const { kind, accept, options, range } = this.spec;
    const type = kind === "lines" ? "text" : kind;
    const list = options?.length ? `${id}-list` : undefined;
    const number = kind === "number" ? { min: range?.low, max: range?.high, step: 1, inputmode: "numeric" } : {};
    const autocomplete = this.spec.autocomplete ?? "off";
    return { ...common, ...number, type, accept, list, autocomplete, spellcheck: "false" };
  }
}
