/** The head of the explorer: name, facts and visibility of the circuit, and its menu. */

import { Rights, whoAmI } from "../account/me";
import { accessNote, askVisibility } from "../account/visibility_dialog";
import { h } from "../base/dom";
import { count, moment } from "../base/format";
import { type Item, Menu } from "../base/menu";
import { Widget } from "../base/widget";
import type { Overview } from "../circuit/types";
import "./head_line.css";

interface HeadEvents {
  rename: string;
  recompute: undefined;
  remove: undefined;
  copy: undefined;
}

const NAME_LENGTH = 200;

export class HeadLine extends Widget<HeadEvents> {
  readonly element = h("header", { class: "ex-head" });
  private readonly title = h("h1", {});
  private readonly name = h("span", { class: "ex-name" });
  private readonly facts = h("ul", { class: "ex-facts small" });
  private readonly pen = h("button", { type: "button", class: "quiet", title: "Rename", hidden: true }, "✎");
  private readonly access = h("li", { hidden: true });
  private rights = new Rights();
  private overview: Overview | null = null;
  /** The owner, space and visibility after the user changed them here. The loaded circuit still has the old ones. */
  private shared: Pick<Overview, "visibility" | "space" | "may_change" | "narrower"> | null = null;

  constructor() {
    super();
    const menu = new Menu("this circuit", () => this.items());
    menu.on("choose", (name) => {
      if (name === "rename") this.edit();
      else if (name === "access") void this.share();
      else if (name === "copy" || name === "recompute" || name === "remove") this.emit(name, undefined);
    });
    this.element.style.visibility = "hidden";
    this.pen.setAttribute("aria-label", "Rename this circuit");
    this.pen.addEventListener("click", () => this.edit());
    this.title.append(this.name);
    this.element.append(h("div", { class: "ex-title" }, this.title, this.pen), this.facts, menu.element);
  }

  show(loaded: Overview): void {
    const overview = { ...loaded, ...this.shared };
    this.element.style.visibility = "";
    this.overview = overview;
    void this.know(overview);
    this.name.textContent = overview.name;
    document.title = `${overview.name} · NeurFlow Explorer`;
    const { counts, network, dataset, computed_at } = overview;
    const link = (kind: string, to: { id: string; name: string } | null, path: string) =>
      to && h("li", {}, `${kind} `, h("a", { href: `/${path}/${to.id}` }, to.name));
    const facts = [
      h("li", {}, "class ", h("strong", {}, overview.class)),
      link("network", network, "networks"),
      link("data set", dataset, "datasets"),
      counts &&
        h(
          "li",
          {},
          `${count(counts.layers, "layer")}, ${count(counts.groups, "group")}, ${count(counts.edges, "edge")}`,
        ),
      computed_at && h("li", {}, h("time", { datetime: computed_at }, moment(computed_at))),
    ];
    this.facts.replaceChildren(...facts.filter((fact) => fact !== null && fact !== ""), this.access);
  }

  private items(): Item[] {
    const copy = { name: "copy", label: "Copy link" };
    if (!this.overview?.may_change) return [copy];
    return [
      copy,
      { name: "rename", label: "Rename" },
      ...(this.rights.shared ? [{ name: "access", label: "Visibility…" }] : []),
      { name: "recompute", label: "Recompute" },
      { name: "remove", label: "Delete", danger: true },
    ];
  }

  /** Reads what the user is allowed to do, and shows the circuit's visibility. */
  private async know(overview: Overview): Promise<void> {
    const rights = new Rights(await whoAmI());
    if (overview !== this.overview) return;
    this.rights = rights;
    this.access.hidden = !rights.shared;
    this.access.replaceChildren(accessNote(overview, rights));
    // Not while the name is being edited.
    this.pen.hidden = !overview.may_change || this.title.parentElement === null;
  }

  private async share(): Promise<void> {
    const shared = this.overview && (await askVisibility(this.overview));
    if (!shared || !this.overview) return;
    const { visibility, space, may_change, narrower } = shared;
    this.shared = { visibility, space, may_change, narrower };
    this.show(this.overview);
  }

  /** Replaces the name by a field. Enter saves the new name, Escape keeps the old one. */
  private edit(): void {
    const present = this.name.textContent ?? "";
    const field = h("input", { value: present, maxlength: NAME_LENGTH, "aria-label": "Name of this circuit" });
    const save = h("button", { type: "submit", class: "primary" }, "Save");
    const form = h("form", { class: "ex-rename" }, field, save);
    const done = () => {
      form.replaceWith(this.title);
      this.pen.hidden = false;
      this.pen.focus();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = field.value.trim();
      done();
      if (name && name !== present) this.emit("rename", name);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") done();
    });
    this.title.replaceWith(form);
    this.pen.hidden = true;
    field.select();
  }
}
