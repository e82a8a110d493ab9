/** Threads on a subject: notes with their replies and actions. */

import { copyText } from "../base/clipboard";
import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { count, moment } from "../base/format";
import { attempt } from "../base/load";
import { Menu } from "../base/menu";
import { whileTyping } from "../base/typing";
import { Widget } from "../base/widget";
import type { CircuitNotes } from "./circuit_notes";
import { rendered } from "./markdown";
import { NoteForm } from "./note_form";
import type { Note, Subject, Thread } from "./types";
import "./thread_list.css";

type Which = "open" | "resolved";

export class ThreadList extends Widget {
  readonly element = h("div", {});
  private readonly list = h("ul", { class: "threads" });
  private readonly filter = h("div", { class: "thread-filter", role: "group", "aria-label": "Filter notes" });
  private readonly none = h("p", { class: "quiet-text small" });
  private which: Which = "open";
  private turned: string | null = null;

  /** `place` links to a thread's subject. Shows all threads if `subject` is null. */
  constructor(
    private readonly circuitNotes: CircuitNotes,
    private readonly subject: Subject | null,
    signal: AbortSignal,
    private readonly place: (thread: Thread) => Node | null = () => null,
  ) {
    super();
    this.element.append(this.filter, this.list, this.none);
    const later = whileTyping(this.list, () => this.show());
    circuitNotes.on("notes", later, signal);
    this.show();
  }

  private show(): void {
    const threads = this.circuitNotes.threadsOn(this.subject);
    this.turnTo(threads);
    const settled = threads.filter(({ resolved_at }) => resolved_at !== null);
    const open = threads.filter(({ resolved_at }) => resolved_at === null);
    const shown = this.which === "open" ? open : settled;
    this.filter.hidden = settled.length === 0;
    this.filter.replaceChildren(this.button("open", open.length), this.button("resolved", settled.length));
    this.list.replaceChildren(
      ...shown.map((thread) => new ThreadView(this.circuitNotes, thread, this.place(thread)).element),
    );
    this.none.hidden = shown.length > 0;
    this.none.textContent = !this.circuitNotes.ready
      ? this.circuitNotes.failed
        ? "The notes could not be loaded. Retrying…"
        : "Loading…"
      : this.which === "open"
        ? settled.length > 0
          ? "All notes are resolved."
          : "No notes yet."
        : "No resolved notes.";
  }

  /** The linked note is visible at first, even if it is resolved. */
  private turnTo(threads: readonly Thread[]): void {
    const { linkedNote } = this.circuitNotes;
    if (linkedNote === null || linkedNote === this.turned) return;
    const thread = threads.find(
      ({ id, answers }) => id === linkedNote || answers.some((answer) => answer.id === linkedNote),
    );
    if (!thread) return;
    this.turned = linkedNote;
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

/** A thread: a note, its replies, and whether it is resolved. */
export class ThreadView extends Widget {
  readonly element: HTMLElement;
  private readonly foot = h("div", { class: "thread-foot" });

  /** `on` links to the subject, if the list has several. */
  constructor(
    private readonly circuitNotes: CircuitNotes,
    private readonly thread: Thread,
    on: Node | null = null,
  ) {
    super();
    const { resolved_at, resolved_by, answers } = thread;
    const items = answers.map((answer) => h("li", {}, new NoteItem(circuitNotes, answer).element));
    const settled = resolved_at
      ? h("p", { class: "small quiet-text" }, `Resolved by ${resolved_by ?? "someone"}, ${moment(resolved_at)}`)
      : null;
    this.element = h(
      "li",
      { class: resolved_at ? "thread settled" : "thread" },
      on,
      new NoteItem(circuitNotes, thread).element,
      items.length > 0 && h("ol", { class: "thread-answers" }, ...items),
      settled,
      this.foot,
    );
    if (circuitNotes.drafts.has(this.draft)) this.write();
    else this.offer();
  }

  private get draft(): string {
    return `answer ${this.thread.id}`;
  }

  private offer(): void {
    const { may } = this.circuitNotes;
    const { id, resolved_at, orphaned_at } = this.thread;
    const answer = h("button", { type: "button", class: "quiet small" }, "Reply");
    answer.addEventListener("click", () => this.write().focus());
    const settle = h("button", { type: "button", class: "quiet small" }, resolved_at ? "Reopen" : "Resolve");
    settle.addEventListener("click", () => void attempt(() => this.circuitNotes.settle(id, resolved_at === null)));
    const ways = orphaned_at ? [] : [...(may.comment ? [answer] : []), ...(may.change ? [settle] : [])];
    this.foot.replaceChildren(...ways);
  }

  private write(): NoteForm {
    const { id, by } = this.thread;
    const label = `Reply to ${by.name}`;
    const send = (text: string) => this.circuitNotes.answer(id, text);
    const form = new NoteForm(this.circuitNotes.drafts, { label, action: "Reply", draft: this.draft, send }, true);
    form.on("cancel", () => this.offer());
    form.on("done", () => this.offer());
    this.foot.replaceChildren(form.element);
    return form;
  }
}

/** A note: author, time, text and actions. */
export class NoteItem extends Widget {
  readonly element: HTMLElement;
  private readonly body = h("div", { class: "note-body" });

  constructor(
    private readonly circuitNotes: CircuitNotes,
    private readonly note: Note,
  ) {
    super();
    const { id, by, created_at, changed_at, deleted_at } = note;
    const menu = new Menu(`this note by ${by.name}`, () => this.ways());
    menu.on("choose", (name) => this.chosen(name));
    const head = h(
      "header",
      {},
      h("strong", {}, by.name),
      h("time", { class: "small quiet-text", datetime: created_at }, moment(created_at)),
      changed_at && !deleted_at && h("span", { class: "small quiet-text", title: moment(changed_at) }, "changed"),
      !deleted_at && menu.element,
    );
    this.element = h("article", { class: "note", tabindex: -1 }, head, this.body);
    this.element.dataset.note = id;
    if (circuitNotes.drafts.has(this.draft)) this.edit();
    else this.show();
  }

  private get draft(): string {
    return `edit ${this.note.id}`;
  }

  private show(): void {
    const { html, deleted_at } = this.note;
    const gone = h("p", { class: "quiet-text" }, "This note was deleted.");
    this.body.replaceChildren(...(deleted_at ? [gone] : rendered(html)));
  }

  private ways() {
    const own = this.note.mine && this.circuitNotes.may.change;
    return [
      { name: "link", label: "Copy link" },
      ...(own ? [{ name: "edit", label: "Edit" }] : []),
      ...(own ? [{ name: "remove", label: "Delete", danger: true }] : []),
    ];
  }

  private chosen(name: string): void {
    if (name === "link") void copyText(new URL(this.note.address, location.href).href, "Link copied.");
    else if (name === "edit") this.edit().focus();
    else if (name === "remove") void this.remove();
  }

  private edit(): NoteForm {
    const { id, text } = this.note;
    const send = (written: string) => this.circuitNotes.edit(id, written);
    const form = new NoteForm(
      this.circuitNotes.drafts,
      { label: "Your note", action: "Save", draft: this.draft, text, send },
      true,
    );
    form.on("cancel", () => this.show());
    form.on("done", () => this.show());
    this.body.replaceChildren(form.element);
    return form;
  }

  private async remove(): Promise<void> {
    const text = "The note is deleted for all users. Replies stay.";
    if (!(await confirmDialog("Delete this note?", text, "Delete"))) return;
    await attempt(async () => {
      await this.circuitNotes.remove(this.note.id);
    });
  }
}
