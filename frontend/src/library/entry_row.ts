/** A network or data set in a list: name, size, state of its inspection. */

import { at } from "../api/address";
import { h } from "../base/dom";
import { moment } from "../base/format";
import type { Job } from "../jobs/watch_jobs";
import { Inspection } from "./inspection";
import { type Entry, type Kind, REGISTRIES, shortDigest, sizeWords } from "./registry";
import "./entry_row.css";

export class EntryRow {
  readonly element = h("li", { class: "entry-row" });
  private readonly facts = h("p", { class: "entry-facts small quiet-text" });
  private readonly name = h("a", { class: "entry-name" });
  private readonly spec = h("code", { class: "entry-spec" });
  private readonly inspection: Inspection;

  constructor(
    private readonly kind: Kind,
    private entry: Entry,
  ) {
    this.inspection = new Inspection(REGISTRIES[kind], entry);
    const head = h("div", { class: "entry-words" }, h("h2", {}, this.name), this.spec);
    this.element.append(head, this.facts, this.inspection.element);
    this.inspection.on("changed", (changed) => this.show(changed));
    this.show(entry);
  }

  get data(): Entry {
    return this.entry;
  }

  show(entry: Entry): void {
    this.entry = entry;
    this.name.textContent = entry.name;
    this.name.href = at(`/${this.kind}/${entry.id}`);
    this.spec.textContent = entry.spec;
    this.spec.title = entry.uploaded ? "Uploaded" : "Name that it was added by";
    const digest = entry.digest && h("code", { title: `Digest of its content: ${entry.digest}` });
    if (digest && entry.digest) digest.textContent = shortDigest(entry.digest);
    const ready = entry.state === "succeeded" && "ready";
    const added = `${entry.uploaded ? "uploaded" : "added"} ${moment(entry.created_at)}`;
    const facts = [ready, sizeWords(entry), digest, added];
    this.facts.replaceChildren(...facts.filter((fact) => !!fact).map((fact) => h("span", {}, fact)));
    this.inspection.show(entry);
  }

  showJob(job: Job): void {
    this.entry = { ...this.entry, state: job.state };
    this.inspection.showJob(job);
  }
}
