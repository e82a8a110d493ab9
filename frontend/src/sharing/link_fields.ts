/** What a link allows: comments, people without an account, and until when. */

import { h } from "../base/dom";
import { Widget } from "../base/widget";
import type { NewLink } from "./types";
import "./link_fields.css";

const DAY_MS = 86_400_000;
/** Days; empty for no end. */
const ENDS = [
  { days: "", label: "never" },
  { days: "1", label: "in a day" },
  { days: "7", label: "in a week" },
  { days: "30", label: "in 30 days" },
  { days: "date", label: "on a day of your choice…" },
] as const;

export class LinkFields extends Widget {
  readonly element: HTMLElement;
  private readonly comment = h("input", { type: "checkbox" });
  private readonly anonymous = h("input", { type: "checkbox", checked: true });
  private readonly ends = h("select", {}, ...ENDS.map(({ days, label }) => h("option", { value: days }, label)));
  private readonly date = h("input", { type: "date", "aria-label": "Last day of the link" });

  private readonly narrow = h(
    "p",
    { class: "small quiet-text", hidden: true },
    "To show it to people without an account is for the circuit's owner, and for editors of its space.",
  );

  constructor() {
    super();
    this.date.hidden = true;
    this.ends.addEventListener("change", () => {
      this.date.hidden = this.ends.value !== "date";
      this.date.required = !this.date.hidden;
      this.date.min = new Date().toISOString().slice(0, 10);
    });
    this.element = h(
      "fieldset",
      { class: "link-fields" },
      h("legend", {}, "Who comes by the link"),
      h("label", {}, this.comment, " may write notes, and answer them"),
      h("label", {}, this.anonymous, " needs no account"),
      this.narrow,
      h("label", {}, "The link ends ", this.ends),
      this.date,
    );
  }

  /** Whether the person may show it to people without an account. */
  set mayShowAll(may: boolean) {
    this.anonymous.disabled = !may;
    if (!may) this.anonymous.checked = false;
    this.narrow.hidden = may;
  }

  get link(): NewLink {
    return { may_comment: this.comment.checked, anonymous: this.anonymous.checked, expires_at: this.end() };
  }

  /** The end of the chosen day, by the person's own clock. */
  private end(): string | null {
    const { value } = this.ends;
    if (value === "") return null;
    if (value !== "date") return new Date(Date.now() + Number(value) * DAY_MS).toISOString();
    return this.date.value ? new Date(`${this.date.value}T23:59:59`).toISOString() : null;
  }
}
