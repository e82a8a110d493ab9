/** A thread: a note, what answers it, and whether it is settled. */

import { h } from "../base/dom";
import { moment } from "../base/format";
import { told } from "../base/message";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import { NoteForm } from "./note_form";
import { NoteItem } from "./note_item";
import type { Remarks } from "./remarks";
import type { Thread } from "./types";
import "./thread_view.css";

export class ThreadView extends Widget {
  readonly element: HTMLElement;
  private readonly foot = h("div", { class: "thread-foot" });

  /** `on` says on what it hangs, where that is not plain from its place. */
  constructor(
    private readonly remarks: Remarks,
    private readonly thread: Thread,
    on: Node | null = null,
  ) {
    super();
    const { resolved_at, resolved_by, answers } = thread;
    const items = answers.map((answer) => h("li", {}, new NoteItem(remarks, answer).element));
    const settled = resolved_at
      ? h("p", { class: "small quiet-text" }, `Resolved by ${resolved_by ?? "somebody"}, ${moment(resolved_at)}`)
      : null;
    this.element = h(
      "li",
      { class: resolved_at ? "thread settled" : "thread" },
      on,
      new NoteItem(remarks, thread).element,
      items.length > 0 && h("ol", { class: "thread-answers" }, ...items),
      settled,
      this.foot,
    );
    if (remarks.drafts.has(this.draft)) this.write();
    else this.offer();
  }

  private get draft(): string {
    return `answer ${this.thread.id}`;
  }

  private offer(): void {
    const { may } = this.remarks;
    const { id, resolved_at, orphaned_at } = this.thread;
    const answer = h("button", { type: "button", class: "quiet small" }, "Answer");
    answer.addEventListener("click", () => this.write().focus());
    const settle = h("button", { type: "button", class: "quiet small" }, resolved_at ? "Reopen" : "Resolve");
    settle.addEventListener("click", () => void this.tried(() => this.remarks.settle(id, resolved_at === null)));
    const ways = orphaned_at ? [] : [...(may.comment ? [answer] : []), ...(may.change ? [settle] : [])];
    this.foot.replaceChildren(...ways);
  }

  private write(): NoteForm {
    const { id, by } = this.thread;
    const label = `Answer to ${by.name}`;
    const send = (text: string) => this.remarks.answer(id, text);
    const form = new NoteForm(this.remarks.drafts, { label, action: "Answer", draft: this.draft, send }, true);
    form.on("cancel", () => this.offer());
    form.on("done", () => this.offer());
    this.foot.replaceChildren(form.element);
    return form;
  }

  private async tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (told(error)) toast(error.message, "bad");
    }
  }
}
