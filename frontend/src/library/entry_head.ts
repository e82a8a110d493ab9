/** The head of a network's or data set's page: name, facts, actions. */

import { Rights, whoAmI } from "../account/me";
import { widerWords } from "../account/narrower";
import { accessNote, askVisibilityOf } from "../account/visibility_dialog";
import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { attempt } from "../base/load";
import { askName } from "../base/name_dialog";
import { toastNext } from "../base/toast";
import { Widget } from "../base/widget";
import { Inspection } from "./inspection";
import { type Entry, isWhole, type Kind, REGISTRIES, type Registry, shortDigest, sizeWords } from "./registry";
import "./entry_head.css";

interface HeadEvents {
  /** The entry was renamed, or is being inspected again. */
  changed: Entry;
  deleted: undefined;
}

export class EntryHead extends Widget<HeadEvents> {
  readonly element: HTMLElement;
  readonly inspection: Inspection;
  private readonly registry: Registry;
  private readonly title = h("h1", {});
  private readonly facts = h("p", { class: "head-facts quiet-text small" });
  private readonly ways = h("div", { class: "head-ways", hidden: true });
  private readonly share = h("button", { type: "button", hidden: true }, "Visibility…");
  /** That circuits show it to more people. */
  private readonly wider = h("p", { class: "narrower small", role: "status" });
  private rights: Rights | null = null;
  private readonly again = h("button", { type: "button" }, "Re-run");

  constructor(
    kind: Kind,
    private entry: Entry,
  ) {
    super();
    this.registry = REGISTRIES[kind];
    this.inspection = new Inspection(this.registry, entry);
    const rename = h("button", { type: "button" }, "Rename…");
    const remove = h("button", { type: "button", class: "danger" }, "Delete…");
    this.again.title = "Inspect it again, for example after its files have changed";
    this.ways.append(rename, this.again, this.share, remove);
    void whoAmI().then((me) => this.know(new Rights(me)));
    this.element = h(
      "header",
      { class: "entry-head" },
      h("a", { href: `/${kind}`, class: "small" }, `← ${this.registry.many}`),
      h("div", { class: "head-line" }, this.title, this.ways),
      this.facts,
      this.wider,
      this.inspection.element,
    );
    rename.addEventListener("click", () => void attempt(() => this.rename()));
    this.again.addEventListener("click", () => void attempt(() => this.inspect()));
    this.share.addEventListener("click", () => void attempt(() => this.askVisibility()));
    remove.addEventListener("click", () => void attempt(() => this.remove()));
    this.inspection.on("changed", (changed) => this.changed(changed));
    this.show(entry);
  }

  show(entry: Entry): void {
    this.entry = entry;
    this.title.textContent = entry.name;
    this.again.hidden = entry.state !== "succeeded";
    const digest = entry.digest
      ? h("span", { title: entry.digest }, "digest ", h("code", {}, shortDigest(entry.digest)))
      : null;
    const made = entry.uploaded ? "uploaded" : "added";
    const spec = h("code", {}, entry.spec);
    const access = this.rights?.shared ? accessNote(entry, this.rights) : null;
    const facts = [spec, sizeWords(entry), digest, `${made} ${moment(entry.created_at)}`, access];
    this.wider.textContent = isWhole(entry) ? widerWords(entry.wider_circuits) : "";
    this.ways.hidden = !(this.rights?.mayMake && entry.may_change);
    this.facts.replaceChildren(...facts.filter((fact) => !!fact).map((fact) => h("span", {}, fact)));
    this.inspection.show(entry);
  }

  /** Learns whether there are others, who may see it or not. */
  private know(rights: Rights): void {
    this.rights = rights;
    this.share.hidden = !rights.shared;
    this.show(this.entry);
  }

  private async askVisibility(): Promise<void> {
    const saved = await askVisibilityOf(this.entry, this.registry.sharing);
    if (saved) this.changed(saved);
  }

  private async rename(): Promise<void> {
    const name = await askName(`Rename the ${this.registry.one}`, this.entry.name);
    if (name !== null) this.changed(await this.registry.rename(this.entry.id, name));
  }

  private async inspect(): Promise<void> {
    this.changed(await this.registry.inspect(this.entry.id));
  }

  private async remove(): Promise<void> {
    const { one } = this.registry;
    const text = `${this.entry.name} is deleted for all users. You can’t delete it while circuits use it.`;
    if (!(await confirmDialog(`Delete this ${one}?`, text, "Delete"))) return;
    await this.registry.remove(this.entry.id);
    toastNext(`Deleted ${this.entry.name}.`);
    this.emit("deleted", undefined);
  }

  private changed(entry: Entry): void {
    this.show(entry);
    this.emit("changed", entry);
  }
}
