/** The form for a group's label. If someone else changed it in the meantime, the user decides. */

import type { Problem } from "../api/client";
import { h } from "../base/dom";
import { attempt } from "../base/load";
import { problemLine } from "../base/message";
import { Widget } from "../base/widget";
import type { GroupId } from "../circuit/types";
import type { CircuitNotes } from "./circuit_notes";
import { Stale } from "./notes_api";
import type { Label } from "./types";
import "./label_form.css";

const LONGEST_NAME = 200;
const LONGEST_ABOUT = 2000;

export class LabelForm extends Widget<{ close: undefined }> {
  readonly element: HTMLFormElement;
  private readonly name = h("input", { maxlength: LONGEST_NAME, autocomplete: "off" });
  private readonly about = h("textarea", { rows: 2, maxlength: LONGEST_ABOUT });
  private readonly save = h("button", { type: "submit", class: "primary" }, "Save");
  private readonly notice = h("div", { role: "alert" });
  /** The version of the label that the user has seen. */
  private version: number;

  constructor(
    private readonly circuitNotes: CircuitNotes,
    private readonly group: GroupId,
  ) {
    super();
    const label = circuitNotes.label(group);
    const { drafts } = circuitNotes;
    const draft = LabelForm.draftOf(group);
    // A restored draft belongs to the version that the user saw when they began.
    this.version = Number(drafts.get(draft) ?? label?.version ?? 0);
    drafts.put(draft, String(this.version));
    this.name.value = label?.name ?? "";
    this.about.value = label?.description ?? "";
    drafts.keep(this.name, `${draft} name`);
    drafts.keep(this.about, `${draft} about`);
    const cancel = h("button", { type: "button", class: "quiet" }, "Cancel");
    cancel.addEventListener("click", () => this.close());
    this.element = h(
      "form",
      { class: "label-form" },
      h("label", {}, "Name", this.name),
      h("label", {}, "Description", this.about),
      this.notice,
      h("p", {}, this.save, cancel),
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.meanwhile(label);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
  }

  static draftOf(group: GroupId): string {
    return `label ${group}`;
  }

  focus(): void {
    this.name.select();
    this.name.focus();
  }

  /** Shows a label that changed in the meantime. The typed text stays. */
  meanwhile(label: Label | null): void {
    if (this.save.disabled || (label?.version ?? 0) === this.version) return;
    this.conflict(label);
  }

  private conflict(label: Label | null): void {
    this.version = label?.version ?? 0;
    const theirs = h("button", { type: "button", class: "small" }, "Use theirs");
    theirs.addEventListener("click", () => this.close());
    this.save.textContent = "Overwrite with mine";
    this.notice.replaceChildren(
      h(
        "div",
        { class: "label-conflict" },
        h("p", {}, label ? `${label.by} changed it in the meantime:` : "Someone removed the name in the meantime."),
        label && h("p", {}, h("strong", {}, label.name || "no name"), label.description && ` – ${label.description}`),
        h("p", {}, theirs),
      ),
    );
  }

  private async submit(): Promise<void> {
    this.save.disabled = true;
    this.notice.replaceChildren();
    const save = async () => {
      await this.circuitNotes.putLabel(this.group, this.name.value.trim(), this.about.value.trim(), this.version);
      this.close();
    };
    const report = (problem: Problem) => {
      if (problem instanceof Stale) this.stale(problem.present);
      else this.notice.replaceChildren(problemLine(problem));
    };
    await attempt(save, { report });
    this.save.disabled = false;
  }

  private stale(present: Label | null): void {
    this.conflict(present);
    this.circuitNotes.see(this.group, present);
  }

  private close(): void {
    const draft = LabelForm.draftOf(this.group);
    for (const about of [draft, `${draft} name`, `${draft} about`]) this.circuitNotes.drafts.drop(about);
    this.emit("close", undefined);
  }
}
