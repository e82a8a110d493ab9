/**
 * The user's views, each with its picture and a menu, and on demand its links and provenance.
 */

import type { Rights } from "../account/me";
import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { attempt, load } from "../base/load";
import { Menu } from "../base/menu";
import { askName } from "../base/name_dialog";
import { picture } from "../base/picture";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import type { Overview } from "../circuit/types";
import { LinkList } from "./link_list";
import { Reproduce } from "./reproduce";
import type { View } from "./types";
import { addressOf } from "./view_state";
import { changeView, forkView, ownViews, removeView } from "./views_api";
import "./view_list.css";

export class ViewList extends Widget<{ recompute: undefined }> {
  readonly element = h("ul", { class: "view-list" }, h("li", { class: "quiet-text", role: "status" }, "Loading…"));

  constructor(
    private readonly circuit: Overview,
    private readonly rights: Rights,
    private readonly signal: AbortSignal,
  ) {
    super();
    void this.load();
  }

  async load(): Promise<void> {
    const none = "No views yet. A view saves the explorer’s state under a name. Share it with a link.";
    const content = async () => {
      const rows = (await ownViews(this.circuit.id)).map((view) => this.row(view));
      return rows.length ? rows : [h("li", { class: "quiet-text" }, none)];
    };
    await load(this.element, content, { signal: this.signal, waiting: null, frame: "li" });
  }

  private row(view: View): HTMLElement {
    const row = new ViewRow(view, this.circuit, this.rights, this.signal);
    row.on("changed", () => void this.load());
    row.on("recompute", () => this.emit("recompute", undefined));
    return row.element;
  }
}

/** A view of the user: its picture and a menu, and on demand its links and provenance. */
export class ViewRow extends Widget<{ changed: undefined; recompute: undefined }> {
  readonly element: HTMLElement;

  constructor(
    private readonly view: View,
    private readonly circuit: Overview,
    private readonly rights: Rights,
    private readonly signal: AbortSignal,
  ) {
    super();
    const { name, description, changed_at } = view;
    const menu = new Menu(`the view ${name}`, () => [
      { name: "rename", label: "Rename" },
      { name: "fork", label: "Duplicate" },
      { name: "remove", label: "Delete", danger: true },
    ]);
    menu.on("choose", (chosen) => void attempt(() => this.chosen(chosen)));
    const about = rights.mayMake ? "Links and provenance" : "Provenance";
    const more = h("details", {}, h("summary", { class: "small" }, about));
    more.addEventListener("toggle", () => this.fill(more));
    this.element = h(
      "li",
      { class: "view-row" },
      view.picture ? picture(view.picture) : h("span", { class: "picture missing" }),
      h(
        "div",
        { class: "view-words" },
        h("a", { href: addressOf(view) }, name),
        description && h("p", { class: "small" }, description),
        h("time", { class: "small quiet-text", datetime: changed_at }, moment(changed_at)),
        more,
      ),
      menu.element,
    );
  }

  private fill(more: HTMLDetailsElement): void {
    if (!more.open || more.childElementCount > 1) return;
    const { view, circuit, rights } = this;
    const reproduce = new Reproduce(view.id, circuit.may_change, this.signal);
    reproduce.on("recompute", () => this.emit("recompute", undefined));
    const links = rights.mayMake && new LinkList(view, rights.mayShowAll(circuit)).element;
    more.append(...(links ? [links] : []), reproduce.element);
  }

  private async chosen(what: string): Promise<void> {
    const { id, name } = this.view;
    if (what === "rename") {
      const given = await askName("Rename view", name);
      if (given === null) return;
      await changeView(id, { name: given });
    } else if (what === "fork") {
      const { name: made } = await forkView(id);
      toast(`Created “${made}”.`);
    } else {
      const text = "Links to it stop working. The circuit and its notes stay.";
      if (!(await confirmDialog(`Delete “${name}”?`, text, "Delete"))) return;
      await removeView(id);
    }
    this.emit("changed", undefined);
  }
}
