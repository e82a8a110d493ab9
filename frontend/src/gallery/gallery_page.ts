/** The gallery: the address holds the query, cards show the result, and the stream of jobs updates them. */

import { Rights, whoAmI } from "../account/me";
import { h } from "../base/dom";
import { message, problemMessage, isProblem } from "../base/message";
import { toast } from "../base/toast";
import { JobStream } from "../jobs/job_stream";
import type { Job } from "../jobs/watch_jobs";
import { BundleImport } from "./bundle_import";
import { act } from "./card_actions";
import { CardGrid } from "./card_grid";
import type { Action, CardData } from "./circuit_card";
import { CircuitList } from "./circuit_list";
import { FilterBar } from "./filter_bar";
import { FilterOffers } from "./filter_offers";
import { EVERYTHING, type GalleryQuery, isFiltered, readQuery, writeQuery } from "./gallery_query";
import "./gallery_page.css";

const REFRESH_MS = 400;
const KINDS: ReadonlySet<string> = new Set(["trace", "import"]);

interface Kept {
  loaded?: number;
  scroll?: number;
}

export class GalleryPage {
  private query = readQuery(location.search);
  private readonly bar = new FilterBar(this.query);
  private readonly offers = new FilterOffers(this.bar);
  private readonly grid = new CardGrid();
  private readonly list = new CircuitList();
  private readonly bundle = new BundleImport();
  private readonly found = h("div", { class: "gallery-found", "aria-busy": "true" });
  private readonly more = h("button", { type: "button" }, "Show more");
  private readonly foot = h("p", { class: "gallery-more", hidden: true }, this.more);
  private readonly stream: JobStream;
  private readonly fresh = h("a", { class: "button primary", href: "/circuits/new" }, "New circuit");
  private readonly rights: Promise<Rights>;
  readonly element: HTMLElement;
  private readonly looked = new Set<string>();
  private timer = 0;
  private asking = 0;

  constructor(private readonly signal: AbortSignal) {
    this.stream = new JobStream(signal);
    const head = h("header", { class: "gallery-head" }, h("h1", {}, "Circuits"), this.bundle.button, this.fresh);
    const parts = [head, lead(), this.stream.element, this.bundle.element, this.bar.element, this.found, this.foot];
    this.element = h("div", { class: "gallery-page" }, ...parts);
    this.connect();
    this.rights = this.know();
    void this.start();
  }

  /** Learns what the user may do; the cards wait for it. */
  private async know(): Promise<Rights> {
    const rights = new Rights(await whoAmI());
    this.grid.rights = rights;
    void this.offers.ofPerson(rights.me);
    this.bundle.button.hidden = this.fresh.hidden = !rights.mayMake;
    return rights;
  }

  private connect(): void {
    const { signal } = this;
    this.bar.on("change", ({ query, typing }) => this.ask(query, typing ? "replace" : "push"));
    this.grid.on("ofClass", (name) => this.ask({ ...this.query, class: name }, "push"));
    this.grid.on("act", ({ action, card }) => void this.act(action, card));
    this.stream.on("job", ({ job, ended }) => this.hear(job, ended));
    this.stream.on("back", () => this.refreshSoon());
    this.bundle.on("imported", (card) => {
      toast(card.state === "succeeded" ? `${card.name} has already been imported.` : `Importing ${card.name}.`);
      this.refreshSoon();
    });
    this.more.addEventListener("click", () => void this.showMore());
    window.addEventListener("popstate", () => this.returned(), { signal });
    window.addEventListener("pagehide", () => this.keep(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  private async start(): Promise<void> {
    const kept = (history.state ?? {}) as Kept;
    history.scrollRestoration = "manual";
    void this.offers.load();
    void this.offers.choose(this.query.network);
    await this.load(kept.loaded);
    if (kept.scroll) window.scrollTo(0, kept.scroll);
  }

  /** Reads the circuits of the present query, and shows them in place of what there was. */
  private async load(atLeast?: number): Promise<void> {
    const asking = ++this.asking;
    this.found.setAttribute("aria-busy", "true");
    try {
      const items = await this.known(this.list.first(this.query, atLeast));
      if (asking === this.asking) this.show(items);
    } catch (error) {
      if (asking !== this.asking || !isProblem(error)) return;
      this.foot.hidden = true;
      this.found.replaceChildren(problemMessage(error, () => void this.load(atLeast)));
    } finally {
      if (asking === this.asking) this.found.removeAttribute("aria-busy");
    }
  }

  /** What was requested, once it is known who asks. */
  private async known(asked: Promise<CardData[]>): Promise<CardData[]> {
    const [, items] = await Promise.all([this.rights, asked]);
    return items;
  }

  private show(items: readonly CardData[]): void {
    this.grid.showAll(items);
    this.foot.hidden = !this.list.more;
    this.offers.ofCircuits(items.map((item) => item.class));
    this.bar.element.hidden = items.length === 0 && !isFiltered(this.query);
    if (items.length > 0) {
      if (!this.grid.element.isConnected) this.found.replaceChildren(this.grid.element);
    } else this.found.replaceChildren(isFiltered(this.query) ? this.nothingFound() : this.nothingYet());
  }

  private nothingFound(): HTMLElement {
    const clear = { label: "Clear filters", to: () => this.ask({ ...EVERYTHING, sort: this.query.sort }, "push") };
    return message("No circuits found", "No circuits match your search and filters.", [clear]);
  }

  private nothingYet(): HTMLElement {
    if (!this.grid.rights.mayMake) {
      return message("No circuits yet", "No circuits are shared with you. Editors can create one.");
    }
    const text =
      "Choose a network, a data set and a class to compute a circuit, or import one " + "that was computed elsewhere.";
    const ways = [
      { label: "New circuit", to: "/circuits/new" },
      { label: "Import circuit", to: () => this.bundle.button.click() },
    ];
    return message("No circuits yet", text, ways);
  }

  private ask(query: GalleryQuery, how: "push" | "replace"): void {
    this.keep();
    this.query = query;
    const address = location.pathname + writeQuery(query);
    if (how === "push") history.pushState({}, "", address);
    else history.replaceState({}, "", address);
    this.bar.show(query);
    void this.offers.choose(query.network);
    void this.load();
  }

  private returned(): void {
    this.query = readQuery(location.search);
    this.bar.show(this.query);
    void this.offers.choose(this.query.network);
    const kept = (history.state ?? {}) as Kept;
    void this.load(kept.loaded).then(() => window.scrollTo(0, kept.scroll ?? 0));
  }

  /** How far down the user was, for when they come back. */
  private keep(): void {
    history.replaceState({ loaded: this.list.length, scroll: window.scrollY } satisfies Kept, "");
  }

  private async showMore(): Promise<void> {
    this.more.disabled = true;
    try {
      const first = this.grid.append(await this.known(this.list.following(this.query)));
      this.foot.hidden = !this.list.more;
      // The button may be gone now; who used the keyboard goes on with what it brought.
      first?.element.querySelector<HTMLElement>(".card-name")?.focus({ preventScroll: true });
    } catch (error) {
      if (isProblem(error)) toast(error.message, "bad");
    } finally {
      this.more.disabled = false;
    }
  }

  private hear(job: Job, ended: boolean): void {
    if (!KINDS.has(job.kind)) return;
    const shown = this.grid.showJob(job);
    // A circuit that is not among the cards is looked for once in each state: it may be new, or of another filter.
    const key = `${job.id} ${job.state}`;
    if ((shown && !ended) || this.looked.has(key)) return;
    this.looked.add(key);
    this.refreshSoon();
  }

  private refreshSoon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.refresh(), REFRESH_MS);
  }

  private async refresh(): Promise<void> {
    const asking = ++this.asking;
    try {
      const items = await this.known(this.list.first(this.query, this.list.length));
      if (asking === this.asking && !this.signal.aborted) this.show(items);
    } catch (error) {
      isProblem(error); // the banner shows the lost connection, and there is another try when it is back
    } finally {
      if (asking === this.asking) this.found.removeAttribute("aria-busy");
    }
  }

  private async act(action: Action, card: CardData): Promise<void> {
    const outcome = await act(action, card);
    if (outcome === "gone") {
      this.grid.remove(card.id);
      this.refreshSoon();
    } else if (outcome) this.grid.update(outcome);
  }
}

function lead(): HTMLElement {
  return h(
    "p",
    { class: "gallery-lead quiet-text" },
    "A circuit shows how a network recognises a class: groups of neurons in each layer, drawn with the image patches ",
    "that they fire on.",
  );
}
