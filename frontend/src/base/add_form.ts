/** A form that creates something. Shows errors at their fields, and the progress of an upload. */

import { Problem } from "../api/client";
import { h } from "./dom";
import { type FieldSpec, FormField } from "./form_field";
import { percent } from "./format";
import { attempt } from "./load";
import type { Sent } from "./upload";
import { Widget } from "./widget";
import "./add_form.css";

/** The values of the fields, without empty ones. */
export type Values = Map<string, string | File>;

/** A form's fields and its request, which the server answers with a `T`. */
export interface Way<T> {
  title: string;
  intro: string;
  fields: FieldSpec[];
  /** Rarely used fields, which are folded. */
  more?: FieldSpec[];
  action: string;
  /**
   * Sends the request.
   *
   * @throws InvalidField if a value cannot be sent as it is.
   */
  send(values: Values, sent: Sent, signal: AbortSignal): Promise<T>;
}

/** A value that cannot be sent. The message says what to enter instead. */
export class InvalidField extends Problem {
  constructor(
    readonly field: string,
    text: string,
  ) {
    super(422, "Invalid value", text);
  }
}

export class AddForm<T> extends Widget<{ added: T }> {
  readonly element: HTMLFormElement;
  private readonly fields: FormField[];
  private readonly folded: HTMLDetailsElement | null;
  private readonly error = h("p", { class: "form-error", role: "alert" });
  private readonly submit: HTMLButtonElement;
  private readonly stop = h("button", { type: "button", class: "quiet", hidden: true }, "Cancel");
  private readonly words = h("span", { class: "small", role: "status" });
  private readonly bar = h("progress", { max: 1, hidden: true, "aria-label": "Upload" });
  private life: AbortController | null = null;

  constructor(private readonly way: Way<T>) {
    super();
    const shown = way.fields.map((spec) => new FormField(spec));
    const folded = (way.more ?? []).map((spec) => new FormField(spec));
    this.fields = [...shown, ...folded];
    const elements = folded.map(({ element }) => element);
    this.folded = folded.length ? h("details", {}, h("summary", {}, "More"), ...elements) : null;
    this.submit = h("button", { type: "submit", class: "primary" }, way.action);
    this.element = h(
      "form",
      { class: "add-form", novalidate: true, "aria-label": way.title },
      h("h2", {}, way.title),
      way.intro && h("p", { class: "small" }, way.intro),
      ...shown.map(({ element }) => element),
      this.folded,
      this.error,
      h("p", { class: "ways" }, this.submit, this.stop),
      this.bar,
      this.words,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.life && this.check()) void this.send();
    });
    this.stop.addEventListener("click", () => this.life?.abort());
  }

  private check(): boolean {
    this.complain("");
    if (this.element.checkValidity()) return true;
    this.focusWrong();
    return false;
  }

  private async send(): Promise<void> {
    const life = new AbortController();
    this.life = life;
    this.busy(true);
    const send = async () =>
      this.emit("added", await this.way.send(this.values(), (share) => this.progress(share), life.signal));
    const report = (problem: Problem) => {
      if (problem instanceof InvalidField) this.complainAt(problem.field, problem.message);
      else this.tell(problem);
      this.focusWrong();
    };
    await attempt(send, { signal: life.signal, report });
    this.life = null;
    this.busy(false);
  }

  private values(): Values {
    const values: Values = new Map();
    for (const { spec, value } of this.fields) if (value) values.set(spec.name, value);
    return values;
  }

  private tell(problem: Problem): void {
    const names = this.fields.map(({ spec }) => spec.name);
    for (const { field, text } of complaints(problem, names)) this.complainAt(field, text);
  }

  private complainAt(name: string | null, text: string): void {
    const field = this.fields.find(({ spec }) => spec.name === name);
    if (field) field.complain(text);
    else this.complain(text);
  }

  private complain(text: string): void {
    this.error.textContent = text;
  }

  private focusWrong(): void {
    const wrong = this.element.querySelector<HTMLElement>("[aria-invalid]");
    if (wrong && this.folded?.contains(wrong)) this.folded.open = true;
    wrong?.focus();
  }

  private progress(share: number): void {
    this.bar.hidden = false;
    if (share < 1) this.bar.value = share;
    else this.bar.removeAttribute("value");
    this.words.textContent = share < 1 ? `Uploading: ${percent(share)}` : "Checking the file…";
  }

  private busy(busy: boolean): void {
    this.submit.disabled = busy;
    this.stop.hidden = !busy;
    this.bar.hidden = true;
    this.words.textContent = "";
  }
}

export interface Complaint {
  /** The name of a field; null for errors of the whole form. */
  field: string | null;
  text: string;
}

/** The errors of a problem by field; `fields` are the names of the form's fields. */
export function complaints(problem: Problem, fields: readonly string[]): Complaint[] {
  const known = (name: string | undefined) => (name !== undefined && fields.includes(name) ? name : null);
  if (problem.errors.length > 0) {
    return problem.errors.map(({ place, value, message }) => {
      const field = known(place.split(".")[1]);
      return { field, text: field ? sentence(message) : `${place}: ${message} (it is ${value})` };
    });
  }
  const text = problem.detail || problem.title;
  if (problem.status === 413 || problem.status === 415 || problem.kind === "bad-upload") {
    return [{ field: known("file"), text: sentence(text) }];
  }
  // Requests with a file name the field in the text, as in `classes.0: …`. Other errors concern the entry's `spec`.
  const field = known(/^(\w+)(\.\d+)*: /.exec(text)?.[1]) ?? (problem.status === 422 ? known("spec") : null);
  return [{ field, text: sentence(text) }];
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
