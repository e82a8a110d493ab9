/**
 * The notes on a group, an edge or the circuit, in the inspector: threads, a form for a new one, and a link to them.
 */

import { h } from "../base/dom";
import { count } from "../base/format";
import { Widget } from "../base/widget";
import type { CircuitNotes } from "./circuit_notes";
import { NoteForm } from "./note_form";
import { ThreadList } from "./thread_list";
import { type Subject, subjectKey } from "./types";
import "../circuit/section.css";

export class NotesSection extends Widget {
  readonly element: HTMLElement;

  /** `name` is the subject in words. */
  constructor(circuitNotes: CircuitNotes, subject: Subject, name: string, signal: AbortSignal) {
    super();
    const list = new ThreadList(circuitNotes, subject, signal);
    const form = new NoteForm(
      circuitNotes.drafts,
      {
        label: `Write a note on ${name}`,
        action: "Post",
        draft: `note ${subjectKey(subject)}`,
        send: (text) => circuitNotes.post(subject, text),
      },
      false,
    );
    this.element = h(
      "section",
      { class: "inspector-section notes-section" },
      h("h3", {}, "Notes"),
      list.element,
      circuitNotes.may.comment && form.element,
    );
  }
}

/** A button in the head of a panel that scrolls to its notes, with the number of unresolved ones. */
export function jumpToNotes(
  circuitNotes: CircuitNotes,
  subject: Subject,
  notes: HTMLElement,
  signal: AbortSignal,
): HTMLElement {
  const button = h("button", { type: "button", class: "quiet small" });
  const show = () => {
    const open = circuitNotes.threadsOn(subject).filter(({ resolved_at }) => resolved_at === null).length;
    button.textContent = open > 0 ? count(open, "open note") : "Notes";
  };
  button.addEventListener("click", () => {
    notes.scrollIntoView({ block: "start" });
    const field = notes.querySelector<HTMLElement>("form:last-of-type textarea");
    field?.focus({ preventScroll: true });
  });
  circuitNotes.on("notes", show, signal);
  show();
  return button;
}
