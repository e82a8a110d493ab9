/** A button near the head of a panel that leads to its notes, and says how many are open. */

import { h } from "../base/dom";
import { count } from "../base/format";
import type { Remarks } from "./remarks";
import type { Subject } from "./types";

export function jumpToNotes(remarks: Remarks, subject: Subject, notes: HTMLElement, signal: AbortSignal): HTMLElement {
  const button = h("button", { type: "button", class: "quiet small" });
  const show = () => {
    const open = remarks.threadsOn(subject).filter(({ resolved_at }) => resolved_at === null).length;
    button.textContent = open > 0 ? count(open, "open note") : "Notes";
  };
  button.addEventListener("click", () => {
    notes.scrollIntoView({ block: "start" });
    const field = notes.querySelector<HTMLElement>("form:last-of-type textarea");
    field?.focus({ preventScroll: true });
  });
  remarks.on("notes", show, signal);
  show();
  return button;
}
