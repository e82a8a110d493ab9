/** The links to a view, and the form that creates one. */

import { narrowerWords } from "../account/narrower";
import { copyText } from "../base/clipboard";
import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { attempt, load } from "../base/load";
import { problemLine } from "../base/message";
import { Widget } from "../base/widget";
import type { Link, MadeLink, NewLink, View } from "./types";
import { linksOf, makeLink, revokeLink } from "./views_api";
import "./link_list.css";

export class LinkList extends Widget {
  readonly element: HTMLElement;
  private readonly list = h("ul", { class: "plain-list" }, h("li", { class: "small quiet-text" }, "Loading…"));
  private readonly fresh = h("div", { "aria-live": "polite" });
  private readonly fields = new LinkFields();

  constructor(
    private readonly view: View,
    mayShowAll: boolean,
  ) {
    super();
    this.fields.mayShowAll = mayShowAll;
    const form = h("form", {}, this.fields.element, h("p", {}, h("button", { type: "submit" }, "Create link")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.make();
    });
    const another = h("details", {}, h("summary", { class: "small" }, "New link"), form);
    this.element = h("div", { class: "link-list" }, h("h4", {}, "Links"), this.list, this.fresh, another);
    void this.load();
  }

  private async load(): Promise<void> {
    const content = async () => {
      const links = await linksOf(this.view.id);
      return links.length
        ? links.map((link) => this.row(link))
        : [h("li", { class: "small quiet-text" }, "No links yet.")];
    };
    await load(this.list, content, { waiting: null, frame: "li" });
  }

  private row(link: Link): HTMLElement {
    const revoke = h("button", { type: "button", class: "quiet small danger" }, "Revoke");
    revoke.addEventListener("click", () => void this.revoke(link));
    return h(
      "li",
      { class: link.good ? "share-link" : "share-link over" },
      h("span", { class: "small" }, wordsOf(link)),
      link.revoked_at === null && (link.good || link.paused) && revoke,
    );
  }

  private async make(): Promise<void> {
    const make = async () => {
      this.fresh.replaceChildren(madeLink(await makeLink(this.view.id, this.fields.link)));
      await this.load();
    };
    await attempt(make, { report: (problem) => this.fresh.replaceChildren(problemLine(problem)) });
  }

  private async revoke(link: Link): Promise<void> {
    const text = "The link stops working now. Notes that were written with it stay.";
    if (!(await confirmDialog("Revoke this link?", text, "Revoke"))) return;
    await attempt(async () => {
      await revokeLink(this.view.id, link.id);
      await this.load();
    });
  }
}

/** `Created 23 Nov 2026, 14:05 · read-only · account needed · expires …`. */
export function wordsOf({ may_comment, anonymous, created_at, expires_at, revoked_at, paused }: Link): string {
  const end = revoked_at
    ? `revoked ${moment(revoked_at)}`
    : expires_at === null
      ? "no expiry"
      : `${Date.parse(expires_at) < Date.now() ? "expired" : "expires"} ${moment(expires_at)}`;
  const rights = may_comment ? "can write notes" : "read-only";
  const pause = paused && !revoked_at && "paused: its creator can no longer share this";
  const needs = anonymous ? "no account needed" : "account needed";
  return [`Created ${moment(created_at)}`, rights, needs, end, pause].filter(Boolean).join(" · ");
}

/** The users to whom a link shows more than they could see otherwise. */
export const BY_LINK = "Some people with the link";

/** A new link. It is shown only once, as the server does not keep it in readable form. */
export function madeLink({ address, token, may_comment, narrower }: MadeLink): HTMLElement {
  const field = h("input", { value: address, readonly: true, "aria-label": "Link" });
  const copy = h("button", { type: "button", class: "primary" }, "Copy");
  copy.addEventListener("click", () => {
    field.select();
    void copyText(address, "Link copied.");
  });
  const embed = `<iframe src="${new URL(`/embed/${token}`, address).href}" width="800" height="500" title="NeurFlow Explorer"></iframe>`;
  const embedCopy = h("button", { type: "button", class: "quiet small" }, "Copy embed code");
  embedCopy.addEventListener("click", () => void copyText(embed, "Embed code copied."));
  const rights = may_comment
    ? "Anyone with the link can see this view and write notes."
    : "Anyone with the link can see this view.";
  return h(
    "div",
    { class: "made-link", role: "status" },
    h("p", {}, h("strong", {}, "Link created."), ` ${rights} Copy it now. It is not shown again.`),
    narrower.length > 0 && h("p", { class: "narrower small" }, narrowerWords(narrower, {}, BY_LINK)),
    h("p", { class: "made-link-row" }, field, copy),
    embedCopy,
  );
}

const DAY_MS = 86_400_000;
/** Days until the link expires; empty for never. */
const ENDS = [
  { days: "", label: "never" },
  { days: "1", label: "in a day" },
  { days: "7", label: "in a week" },
  { days: "30", label: "in 30 days" },
  { days: "date", label: "choose a date…" },
] as const;

/** The fields for the settings of a link: notes, visitors without an account, and expiry. */
export class LinkFields extends Widget {
  readonly element: HTMLElement;
  private readonly comment = h("input", { type: "checkbox" });
  private readonly anonymous = h("input", { type: "checkbox", checked: true });
  private readonly ends = h("select", {}, ...ENDS.map(({ days, label }) => h("option", { value: days }, label)));
  private readonly date = h("input", { type: "date", "aria-label": "Last day" });

  private readonly narrow = h(
    "p",
    { class: "small quiet-text", hidden: true },
    "Only the circuit’s owner and editors of its space can create links that need no account.",
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
      h("legend", {}, "Link settings"),
      h("label", {}, this.comment, " Visitors can write notes"),
      h("label", {}, this.anonymous, " Visitors need no account"),
      this.narrow,
      h("label", {}, "Expires ", this.ends),
      this.date,
    );
  }

  /** Whether the user can share the view with visitors who have no account. */
  set mayShowAll(may: boolean) {
    this.anonymous.disabled = !may;
    if (!may) this.anonymous.checked = false;
    this.narrow.hidden = may;
  }

  get link(): NewLink {
    return { may_comment: this.comment.checked, anonymous: this.anonymous.checked, expires_at: this.end() };
  }

  /** The end of the chosen day in the user's time zone. */
  private end(): string | null {
    const { value } = this.ends;
    if (value === "") return null;
    if (value !== "date") return new Date(Date.now() + Number(value) * DAY_MS).toISOString();
    return this.date.value ? new Date(`${this.date.value}T23:59:59`).toISOString() : null;
  }
}
