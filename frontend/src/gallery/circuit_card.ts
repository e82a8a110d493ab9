/** The card of a circuit: class, network, size and state. */

import { at } from "../api/address";
import { Rights } from "../account/me";
import { accessNote } from "../account/visibility_dialog";
import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { count, moment } from "../base/format";
import { type Item, Menu } from "../base/menu";
import { picture } from "../base/picture";
import { Widget } from "../base/widget";
import { JobLine } from "../jobs/job_line";
import type { Job } from "../jobs/watch_jobs";
import "./circuit_card.css";

export type CardData = Schemas["CircuitCard"];

export type Action = "rename" | "delete" | "recompute" | "copy" | "access";

const COVER = 6;

interface CardEvents {
  act: Action;
  /** The user wants only circuits of this class. */
  ofClass: string;
}

export class CircuitCard extends Widget<CardEvents> {
  private readonly cover = h("a", { class: "card-cover", tabindex: -1, "aria-hidden": "true" });
  /** Shown instead of the cover until there is one: the progress, or why there is none. */
  private readonly blank = h("div", { class: "card-blank" });
  private readonly blankWords = h("p", { class: "quiet-text small" });
  private readonly name = h("a", { class: "card-name" });
  private readonly facts = h("dl", { class: "card-facts small" });
  private readonly counts = h("p", { class: "card-counts small quiet-text number" });
  private readonly state = h("div", { class: "card-state" });
  private readonly menu: Menu;
  private readonly line: JobLine;
  readonly element: HTMLElement;
  private readonly body: HTMLElement;
  private shownCover = "";

  /** Offers only what `rights` allow the user. */
  constructor(
    private card: CardData,
    private readonly rights = new Rights(),
  ) {
    super();
    this.menu = new Menu(card.name, () => this.items());
    this.menu.on("choose", (name) => this.emit("act", name as Action));
    this.line = new JobLine(card.network ? "trace" : "import", card.name);
    const head = h("header", {}, h("h2", {}, this.name), this.menu.element);
    this.body = h("div", { class: "card-body" }, head, this.facts, this.counts);
    this.blank.append(this.blankWords, this.line.element, this.state);
    this.element = h("article", { class: "circuit-card", id: `card-${card.id}` }, this.blank, this.body);
    this.show(card);
  }

  get data(): CardData {
    return this.card;
  }

  /** Updates the card. */
  show(card: CardData): void {
    this.card = card;
    const address = at(`/circuits/${card.id}`);
    this.element.dataset.state = card.state;
    this.element.setAttribute("aria-label", card.name);
    this.name.textContent = card.name;
    this.name.title = card.name;
    this.menu.about(card.name);
    this.name.href = this.cover.href = address;
    this.showCover();
    this.facts.replaceChildren(...this.factRows());
    this.counts.replaceChildren(...this.countWords());
    this.line.mayCancel = card.may_change;
    this.line.showSummary(card.job, card.state);
    this.state.replaceChildren(...this.stateWords());
  }

  /** Shows the progress of the circuit's job. */
  showJob(job: Job): void {
    const { id, stage, fraction, remaining_seconds, cancel_requested, problem } = job;
    const summary = { id, stage, fraction, remaining_seconds, cancel_requested, problem };
    if (job.state === this.card.state && id === this.card.job.id) {
      this.card = { ...this.card, job: summary };
      this.line.show(job);
    } else this.show({ ...this.card, state: job.state, job: summary });
  }

  private showCover(): void {
    const { cover } = this.card;
    this.blankWords.textContent = this.whyBlank();
    const key = cover.join();
    if (key === this.shownCover) return;
    this.shownCover = key;
    this.cover.replaceChildren(...cover.slice(0, COVER).map((address) => picture(address)));
    if (cover.length > 0) {
      this.blank.replaceWith(this.cover);
      this.body.append(this.line.element, this.state);
    } else {
      this.cover.replaceWith(this.blank);
      this.blank.append(this.line.element, this.state);
    }
  }

  private whyBlank(): string {
    const { state, computed_at } = this.card;
    if (state === "failed" || state === "cancelled") return "";
    return computed_at ? "No pictures" : "Pictures appear when the circuit is computed.";
  }

  private factRows(): Node[] {
    const { network, dataset } = this.card;
    const only = h("button", { type: "button", class: "quiet card-class" }, this.card.class);
    only.title = `Show only circuits of ${this.card.class}`;
    only.addEventListener("click", () => this.emit("ofClass", this.card.class));
    const linked = (kind: string, named: Schemas["Named"]) => h("a", { href: at(`/${kind}/${named.id}`) }, named.name);
    return [
      ...row("Class", only),
      ...(network ? row("Network", linked("networks", network)) : row("From", "a file")),
      ...(dataset ? row("Data set", linked("datasets", dataset)) : []),
      ...(this.rights.shared ? row("Visibility", accessNote(this.card, this.rights)) : []),
    ];
  }

  private countWords(): Node[] {
    const { counts, computed_at, created_at } = this.card;
    const when = h("time", { datetime: computed_at ?? created_at }, moment(computed_at ?? created_at));
    when.title = computed_at ? `Computed. Requested ${moment(created_at)}` : "Requested";
    if (!counts) return [when];
    const words = h("span", {}, `${count(counts.groups, "group")} in ${count(counts.layers, "layer")}`);
    words.title = `${count(counts.edges, "edge")}, ${count(counts.neurons, "neuron")}`;
    return [words, when];
  }

  private stateWords(): Node[] {
    const { state, job, computed_at } = this.card;
    if (state !== "failed" && state !== "cancelled") return [];
    const kept = computed_at ? " The previous result is still available." : "";
    const again = this.canRecompute() ? h("button", { type: "button" }, "Recompute") : null;
    again?.addEventListener("click", () => this.emit("act", "recompute"));
    if (state === "cancelled") return [h("p", { class: "card-cancelled small" }, `Cancelled.${kept}`), ...list(again)];
    const title = h("strong", {}, job.problem?.title ?? "Failed");
    const detail = h("span", {}, (job.problem?.detail ?? "See the server’s log for details.") + kept);
    return [h("div", { class: "card-problem small", role: "note" }, title, detail), ...list(again)];
  }

  private items(): Item[] {
    const copy = { name: "copy", label: "Copy link" };
    if (!this.card.may_change) return [copy];
    return [
      copy,
      { name: "rename", label: "Rename…" },
      ...(this.rights.shared ? [{ name: "access", label: "Visibility…" }] : []),
      ...(this.canRecompute() ? [{ name: "recompute", label: "Recompute" }] : []),
      { name: "delete", label: "Delete…", danger: true },
    ];
  }

  private canRecompute(): boolean {
    const open = this.card.state === "queued" || this.card.state === "running";
    const known = this.card.network !== null && this.card.dataset !== null;
    return !open && known && this.card.may_change;
  }
}

function row(name: string, value: Node | string): Node[] {
  return [h("dt", { class: "quiet-text" }, name), h("dd", {}, value)];
}

function list(element: HTMLElement | null): HTMLElement[] {
  return element ? [element] : [];
}
