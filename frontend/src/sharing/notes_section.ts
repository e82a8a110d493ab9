/** The notes on a group, an edge or the circuit, in the inspector: threads, and where a new one begins. */

import { h } from "../base/dom";
import { Widget } from "../base/widget";
import { NoteForm } from "./note_form";
import type { Remarks } from "./remarks";
import { ThreadList } from "./thread_list";
import { type Subject, subjectKey } from "./types";
import "../circuit/section.css";

export class NotesSection extends Widget {
  readonly element: HTMLElement;

  /** `name` is what they hang on, in words. */
  constructor(remarks: Remarks, subject: Subject, name: string, signal: AbortSignal) {
    super();
    const list = new ThreadList(remarks, subject, signal);
    const form = new NoteForm(
      remarks.drafts,
      {
        label: `Write a note on ${name}`,
        action: "Post",
        draft: `note ${subjectKey(subject)}`,
        send: (text) => remarks.post(subject, text),
      },
      false,
    );
    this.element = h(
      "section",
      { class: "inspector-section notes-section" },
      h("h3", {}, "Notes"),
      list.element,
      remarks.may.comment && form.element,
    );
  }
}
