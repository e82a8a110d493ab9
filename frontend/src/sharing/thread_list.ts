/** Threads under a filter of open and resolved ones. While a person types in it, nothing of it is built anew. */

import { h } from "../base/dom";
import { count } from "../base/format";
import { whileTyping } from "../base/typing";
import { Widget } from "../base/widget";
import type { Remarks } from "./remarks";
import { ThreadView } from "./thread_view";
import type { Subject, Thread } from "./types";
import "./thread_list.css";

type Which = "open" | "resolved";

export class ThreadList extends Widget {
  readonly element = h("div", {});
  private readonly list = h("ul", { class: "threads" });
  private readonly filter = h("div", { class: "thread-filter", role: "group", "aria-label": "Which notes" });
  private readonly none = h("p", { class: "quiet-text small" });
  private which: Which = "open";
  private turned: string | null = null;

  /** `place` tells on what a thread hangs; of all threads where `subject` is null. */
  constructor(
    private readonly remarks: Remarks,
    private readonly subject: Subject | null,
    signal: AbortSignal,
    private readonly place: (thread: Thread) => Node | null = () => null,
  ) {
    super();
    this.element.append(this.filter, this.list, this.none);
    const later = whileTyping(this.list, () => this.show());
    remarks.on("notes", later, signal);
    this.show();
  }

  private show(): void {
    const threads = this.remarks.threadsOn(this.subject);
    this.turnTo(threads);
    const settled = threads.filter(({ resolved_at }) => resolved_at !== null);
    const open = threads.filter(({ resolved_at }) => resolved_at === null);
    const shown = this.which === "open" ? open : settled;
    this.filter.hidden = settled.length === 0;
    this.filter.replaceChildren(this.button("open", open.length), this.button("resolved", settled.length));
    this.list.replaceChildren(
      ...shown.map((thread) => new ThreadView(this.remarks, thread, this.place(thread)).element),
    );
    this.none.hidden = shown.length > 0;
    this.none.textContent = !this.remarks.ready
      ? this.remarks.failed
        ? "The notes could not be loaded. It is tried again."
        : "Loading the notes…"
      : this.which === "open"
        ? settled.length > 0
          ? "All of them are resolved."
          : "No notes yet."
        : "None is resolved.";
  }

  /** The note that the address leads to is to be seen at first, settled or not. */
  private turnTo(threads: readonly Thread[]): void {
    const { meant } = this.remarks;
    if (meant === null || meant === this.turned) return;
    const thread = threads.find(({ id, answers }) => id === meant || answers.some((answer) => answer.id === meant));
    if (!thread) return;
    this.turned = meant;
    this.which = thread.resolved_at === null ? "open" : "resolved";
  }

  private button(which: Which, number: number): HTMLElement {
    const words = `${number} ${which}`;
    const about = `${count(number, "thread")}, ${which}`;
    const button = h(
      "button",
      { type: "button", class: "quiet small", "aria-pressed": String(which === this.which), "aria-label": about },
      words,
    );
    button.addEventListener("click", () => {
      this.which = which;
      this.show();
      this.filter.querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
    });
    return button;
  }
}
