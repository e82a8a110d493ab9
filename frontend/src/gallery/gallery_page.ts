/** The gallery: the address holds the query, cards show the result, and the stream of jobs updates them. */

import { at } from "../api/address";
import { Rights, whoAmI } from "../account/me";
import { api, data } from "../api/client";
import { h } from "../base/dom";
import { message } from "../base/message";
import { type Page, PagedList } from "../base/paged_list";
import { toast } from "../base/toast";
import { JobStream } from "../jobs/job_stream";
import type { Job } from "../jobs/watch_jobs";
import { BundleImport } from "./bundle_import";
import { act } from "./card_actions";
import { CardGrid } from "./card_grid";
import type { Action, CardData } from "./circuit_card";
import { FilterBar } from "./filter_bar";
import { FilterOffers } from "./filter_offers";
import { asked, EVERYTHING, type GalleryQuery, isFiltered, readQuery, writeQuery } from "./gallery_query";
import "./gallery_page.css";

const REFRESH_MS = 400;
const PAGE = 24;
const MOST = 100;
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
  private readonly circuits: PagedList<CardData>;
  private readonly bundle = new BundleImport();
  private readonly stream: JobStream;
  private readonly create = h("a", { class: "button primary", href: at("/circuits/new") }, "New circuit");
  private readonly rights: Promise<Rights>;
  readonly element: HTMLElement;
  /** The jobs and states for which the list was loaded again. */
  private readonly seen = new Set<string>();
  private timer = 0;

  constructor(private readonly signal: AbortSignal) {
    this.stream = new JobStream(signal);
    const options = {
      page: (cursor: string | null, signal: AbortSignal, wanted: number) => this.page(cursor, signal, wanted),
      row: (card: CardData) => this.grid.put(card),
      came: () => this.came(),
      none: () => (isFiltered(this.query) ? this.nothingFound() : this.nothingYet()),
    };
    this.circuits = new PagedList(this.grid.element, options, signal);
    const head = h("header", { class: "gallery-head" }, h("h1", {}, "Circuits"), this.bundle.button, this.create);
    const found = [this.bar.element, this.grid.element, this.circuits.foot];
    const parts = [head, lead(), this.stream.element, this.bundle.element, ...found];
    this.element = h("div", { class: "gallery-page" }, ...parts);
    this.connect();
    this.rights = this.readRights();
    void this.start();
  }

  /** Reads what the user is allowed to do, which the cards depend on. */
  private async readRights(): Promise<Rights> {
    const rights = new Rights(await whoAmI());
    this.grid.rights = rights;
    void this.offers.ofUser(rights.me);
    this.bundle.button.hidden = this.create.hidden = !rights.mayMake;
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
    window.addEventListener("popstate", () => this.returned(), { signal });
    window.addEventListener("pagehide", () => this.keep(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  private async start(): Promise<void> {
    const kept = (history.state ?? {}) as Kept;
    history.scrollRestoration = "manual";
    void this.offers.load();
    void this.offers.choose(this.query.network);
    await this.circuits.restart(kept.loaded);
    if (kept.scroll) window.scrollTo(0, kept.scroll);
  }

  /** Reads a page. Its cards depend on the rights of the user. */
  private async page(cursor: string | null, signal: AbortSignal, wanted: number): Promise<Page<CardData>> {
    const limit = Math.min(Math.max(wanted, PAGE), MOST);
    const query = { ...asked(this.query), limit, ...(cursor !== null && { cursor }) };
    const [page] = await Promise.all([data(api.GET("/api/v1/circuits", { params: { query }, signal })), this.rights]);
    return page;
  }

  private came(): void {
    const { items } = this.grid;
    this.offers.ofCircuits(items.map((item) => item.class));
    this.bar.element.hidden = items.length === 0 && !isFiltered(this.query);
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
      { label: "New circuit", to: at("/circuits/new") },
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
    void this.circuits.restart();
  }

  private returned(): void {
    this.query = readQuery(location.search);
    this.bar.show(this.query);
    void this.offers.choose(this.query.network);
    const kept = (history.state ?? {}) as Kept;
    void this.circuits.restart(kept.loaded).then(() => window.scrollTo(0, kept.scroll ?? 0));
  }

  /** Keeps the number of cards and the scroll position for when the user comes back. */
  private keep(): void {
    history.replaceState({ loaded: this.grid.element.childElementCount, scroll: window.scrollY } satisfies Kept, "");
  }

  private hear(job: Job, ended: boolean): void {
    if (!KINDS.has(job.kind)) return;
    const shown = this.grid.showJob(job);
    // Once for each state: a circuit without a card may be new, or excluded by the filters.
    const key = `${job.id} ${job.state}`;
    if ((shown && !ended) || this.seen.has(key)) return;
    this.seen.add(key);
    this.refreshSoon();
  }

  private refreshSoon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.circuits.refresh(this.grid.element.childElementCount), REFRESH_MS);
  }

  private async act(action: Action, card: CardData): Promise<void> {
    const outcome = await act(action, card);
    if (outcome === "gone") {
      const cell = this.grid.cellOf(card.id);
      if (cell) this.circuits.remove(cell);
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
