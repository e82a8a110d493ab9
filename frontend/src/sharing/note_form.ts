/** The form for a note. Drafts survive updates of the page. */

import type { Problem } from "../api/client";
import { h } from "../base/dom";
import { attempt } from "../base/load";
import { problemLine } from "../base/message";
import { Widget } from "../base/widget";
import "./note_form.css";

const LONGEST = 10_000;

interface FormOptions {
  /** The label of the field, such as `Note on group 3`. */
  label: string;
  action: string;
  /** The key of the draft. */
  draft: string;
  /** The initial text. */
  text?: string;
  /** Saves the text. Resolves with the note's id. */
  send: (text: string) => Promise<string>;
}

export class NoteForm extends Widget<{ done: undefined; cancel: undefined }> {
  readonly element: HTMLFormElement;
  private readonly field: HTMLTextAreaElement;
  private readonly send: HTMLButtonElement;
  private readonly problem = h("div", { role: "alert" });

  constructor(
    private readonly drafts: Drafts,
    private readonly options: FormOptions,
    cancellable: boolean,
  ) {
    super();
    const { label, action, text = "" } = options;
    this.field = h("textarea", {
      rows: 3,
      maxlength: LONGEST,
      required: true,
      "aria-label": label,
      placeholder: label,
    });
    this.field.value = text;
    drafts.keep(this.field, options.draft);
    this.send = h("button", { type: "submit", class: "primary" }, action);
    const cancel = h("button", { type: "button", class: "quiet" }, "Cancel");
    cancel.addEventListener("click", () => this.cancel());
    const hint = h("span", { class: "small quiet-text" }, "Markdown: *emphasis*, `code`, [link](https://…), - lists");
    this.element = h(
      "form",
      { class: "note-form" },
      this.field,
      this.problem,
      h("p", { class: "note-form-foot" }, this.send, cancellable && cancel, hint),
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.element.addEventListener("keydown", (event) => this.key(event, cancellable));
  }

  focus(): void {
    this.field.focus();
  }

  private key(event: KeyboardEvent, cancellable: boolean): void {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.element.requestSubmit();
    else if (event.key === "Escape" && cancellable) {
      event.stopPropagation();
      this.cancel();
    }
  }

  private cancel(): void {
    this.drafts.drop(this.options.draft);
    this.emit("cancel", undefined);
  }

  private async submit(): Promise<void> {
    const text = this.field.value.trim();
    if (text === "" || this.send.disabled) return;
    this.send.disabled = true;
    // Without the focus, the panel can be updated.
    this.field.blur();
    this.problem.replaceChildren();
    // Sending can rebuild the form, which must then be empty.
    this.drafts.drop(this.options.draft);
    const send = async () => {
      const note = await this.options.send(text);
      this.field.value = this.options.text ?? "";
      this.emit("done", undefined);
      noteElement(note)?.focus();
    };
    const report = (problem: Problem) => {
      this.drafts.put(this.options.draft, text);
      this.problem.replaceChildren(problemLine(problem));
      this.field.focus();
    };
    await attempt(send, { report });
    this.send.disabled = false;
  }
}

/** The element of a note on the page. */
function noteElement(id: string): HTMLElement | undefined {
  return [...document.querySelectorAll<HTMLElement>("[data-note]")].find(({ dataset }) => dataset.note === id);
}

/** Unsaved texts by subject, so that a panel can be rebuilt while the user types. */
export class Drafts {
  private readonly texts = new Map<string, string>();

  /** Restores a field's draft, and keeps it up to date. */
  keep(field: HTMLTextAreaElement | HTMLInputElement, about: string): void {
    const before = this.texts.get(about);
    if (before !== undefined) field.value = before;
    field.addEventListener("input", () => this.texts.set(about, field.value));
  }

  put(about: string, text: string): void {
    this.texts.set(about, text);
  }

  get(about: string): string | null {
    return this.texts.get(about) ?? null;
  }

  has(about: string): boolean {
    return this.texts.has(about);
  }

  /** Removes a draft that was sent or cancelled. */
  drop(about: string): void {
    this.texts.delete(about);
  }
}
