/** The links to a view: what each allows, whether it is good, and a way to take it back. */

import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { problemLine, problemMessage, told } from "../base/message";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import { LinkFields } from "./link_fields";
import { madeLink } from "./made_link";
import type { Link, View } from "./types";
import { linksOf, makeLink, revokeLink } from "./views_api";

export class LinkList extends Widget {
  readonly element: HTMLElement;
  private readonly list = h(
    "ul",
    { class: "plain-list" },
    h("li", { class: "small quiet-text" }, "Loading the links…"),
  );
  private readonly fresh = h("div", { "aria-live": "polite" });
  private readonly fields = new LinkFields();

  constructor(
    private readonly view: View,
    mayShowAll: boolean,
  ) {
    super();
    this.fields.mayShowAll = mayShowAll;
    const form = h("form", {}, this.fields.element, h("p", {}, h("button", { type: "submit" }, "Make a link")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.make();
    });
    const another = h("details", {}, h("summary", { class: "small" }, "Another link"), form);
    this.element = h("div", { class: "link-list" }, h("h4", {}, "Links"), this.list, this.fresh, another);
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const links = await linksOf(this.view.id);
      const none = h("li", { class: "small quiet-text" }, "No link leads to it.");
      this.list.replaceChildren(...(links.length ? links.map((link) => this.row(link)) : [none]));
    } catch (error) {
      this.list.replaceChildren(
        h(
          "li",
          {},
          problemMessage(error, () => void this.load()),
        ),
      );
    }
  }

  private row(link: Link): HTMLElement {
    const revoke = h("button", { type: "button", class: "quiet small danger" }, "Revoke");
    revoke.addEventListener("click", () => void this.revoke(link));
    return h(
      "li",
      { class: link.good ? "share-link" : "share-link over" },
      h("span", { class: "small" }, wordsOf(link)),
      link.good && revoke,
    );
  }

  private async make(): Promise<void> {
    try {
      this.fresh.replaceChildren(madeLink(await makeLink(this.view.id, this.fields.link)));
      await this.load();
    } catch (error) {
      this.fresh.replaceChildren(problemLine(error));
    }
  }

  private async revoke(link: Link): Promise<void> {
    const text = "Who has the link sees nothing by it from now on. What they wrote stays.";
    if (!(await confirmDialog("Revoke this link?", text, "Revoke"))) return;
    try {
      await revokeLink(this.view.id, link.id);
      await this.load();
    } catch (error) {
      if (told(error)) toast(error.message, "bad");
    }
  }
}

/** `Made 23 Nov 2026, 14:05 · read-only · for people with an account · ends …`. */
export function wordsOf({ may_comment, anonymous, created_at, expires_at, revoked_at }: Link): string {
  const end = revoked_at
    ? `revoked ${moment(revoked_at)}`
    : expires_at === null
      ? "without an end"
      : `${Date.parse(expires_at) < Date.now() ? "ended" : "ends"} ${moment(expires_at)}`;
  const rights = may_comment ? "may comment" : "read-only";
  return [`Made ${moment(created_at)}`, rights, anonymous ? "without an account" : "with an account", end].join(" · ");
}
