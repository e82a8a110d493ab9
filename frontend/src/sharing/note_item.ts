/** A note: who wrote it and when, what it says, and what may be done with it. */

import { copyText } from "../base/clipboard";
import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { Menu } from "../base/menu";
import { told } from "../base/message";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import { rendered } from "./markdown";
import { NoteForm } from "./note_form";
import type { Remarks } from "./remarks";
import type { Note } from "./types";
import "./note_item.css";

export class NoteItem extends Widget {
  readonly element: HTMLElement;
  private readonly body = h("div", { class: "note-body" });

  constructor(
    private readonly remarks: Remarks,
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
    if (remarks.drafts.has(this.draft)) this.edit();
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
    const own = this.note.mine && this.remarks.may.change;
    return [
      { name: "link", label: "Copy link" },
      ...(own ? [{ name: "edit", label: "Edit" }] : []),
      ...(own ? [{ name: "remove", label: "Delete", danger: true }] : []),
    ];
  }

  private chosen(name: string): void {
    if (name === "link") void copyText(new URL(this.note.address, location.href).href, "Link to this note copied.");
    else if (name === "edit") this.edit().focus();
    else if (name === "remove") void this.remove();
  }

  private edit(): NoteForm {
    const { id, text } = this.note;
    const send = (written: string) => this.remarks.edit(id, written);
    const form = new NoteForm(
      this.remarks.drafts,
      { label: "Your note", action: "Save", draft: this.draft, text, send },
      true,
    );
    form.on("cancel", () => this.show());
    form.on("done", () => this.show());
    this.body.replaceChildren(form.element);
    return form;
  }

  private async remove(): Promise<void> {
    const text = "It is deleted for everybody. What answers it stays.";
    if (!(await confirmDialog("Delete this note?", text, "Delete"))) return;
    try {
      await this.remarks.remove(this.note.id);
    } catch (error) {
      if (told(error)) toast(error.message, "bad");
    }
  }
}
