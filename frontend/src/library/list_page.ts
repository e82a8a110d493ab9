/** The list of networks or data sets, with forms to add one. */

import { Rights, whoAmI } from "../account/me";
import { AddForm, type Way } from "../base/add_form";
import { h } from "../base/dom";
import { message } from "../base/message";
import { PagedList } from "../base/paged_list";
import { JobStream } from "../jobs/job_stream";
import type { Job } from "../jobs/watch_jobs";
import { EntryRow } from "./entry_row";
import { type Entry, type Kind, REGISTRIES, type Registry } from "./registry";
import { waysToAdd } from "./ways_to_add";
import "../base/list_page.css";

const TYPING_MS = 250;
const LEADS: Record<Kind, string> = {
  networks: "Image classifiers to compute circuits of. Their weights are never changed.",
  datasets: "Labelled images to compute circuits from and to evaluate networks on.",
};

export class ListPage {
  readonly element: HTMLElement;
  private readonly registry: Registry;
  private readonly words = h("input", { type: "search", maxlength: 200 });
  private readonly list = h("ul", { class: "entry-list" });
  private readonly found = h("div", {});
  private readonly paged: PagedList<Entry>;
  private readonly adding: HTMLDetailsElement;
  private readonly ways = h("div", { class: "ways-to-add" });
  private readonly seen = new Set<string>();
  private readonly rows = new Map<string, EntryRow>();
  private mayAdd = true;
  private typing = 0;
  private refreshing = 0;

  constructor(
    private readonly kind: Kind,
    signal: AbortSignal,
    private readonly open: (address: string) => void = (address) => location.assign(address),
  ) {
    this.registry = REGISTRIES[kind];
    const stream = new JobStream(signal);
    const options = {
      page: (cursor: string | null, signal: AbortSignal) => this.registry.list(this.asked, cursor, signal),
      row: (item: Entry) => this.row(item),
      came: () => this.came(),
    };
    this.paged = new PagedList(this.list, options, signal);
    this.words.placeholder = `Search ${this.registry.many.toLowerCase()}`;
    this.words.setAttribute("aria-label", this.words.placeholder);
    this.words.value = this.asked;
    const summary = h("summary", { class: "button" }, `New ${this.registry.one}`);
    this.adding = h("details", { class: "adding" }, summary, this.ways);
    this.element = h(
      "div",
      { class: "list-page" },
      h("h1", {}, this.registry.many),
      h("p", { class: "quiet-text" }, LEADS[kind]),
      stream.element,
      this.adding,
      h("p", { class: "entry-search", role: "search" }, this.words),
      this.found,
      this.paged.foot,
    );
    this.words.addEventListener("input", () => this.typed());
    stream.on("job", ({ job, ended }) => this.hear(job, ended));
    stream.on("back", () => void this.load());
    window.addEventListener("popstate", () => this.returned(), { signal });
    void this.start();
  }

  private async start(): Promise<void> {
    const rights = new Rights(await whoAmI());
    this.mayAdd = rights.mayMake;
    this.adding.hidden = !this.mayAdd;
    this.ways.replaceChildren(...waysToAdd(this.kind, rights.shared).map((way) => this.form(way)));
    await this.load();
  }

  private get asked(): string {
    return (new URLSearchParams(location.search).get("q") ?? "").slice(0, 200);
  }

  private form(way: Way<Entry>): HTMLElement {
    const form = new AddForm(way);
    form.on("added", ({ id }) => this.open(`/${this.kind}/${id}`));
    return form.element;
  }

  private typed(): void {
    clearTimeout(this.typing);
    this.typing = window.setTimeout(() => {
      const q = this.words.value.trim();
      history.replaceState({}, "", location.pathname + (q && `?${new URLSearchParams({ q })}`));
      void this.load();
    }, TYPING_MS);
  }

  private returned(): void {
    this.words.value = this.asked;
    void this.load();
  }

  private load(): Promise<void> {
    return this.paged.refresh();
  }

  private came(): void {
    const { one, many } = this.registry;
    const found = this.list.childElementCount > 0;
    this.words.hidden = !found && !this.asked;
    if (found) {
      // Adding it again would remove the focus.
      if (!this.list.isConnected) this.found.replaceChildren(this.list);
    } else if (this.asked) {
      this.found.replaceChildren(message("Nothing found", `No ${one} matches your search.`));
    } else {
      this.adding.open = true;
      const text = this.mayAdd ? "Add the first one above, by name or from a file." : "Editors can add one.";
      this.found.replaceChildren(message(`No ${many.toLowerCase()} yet`, text));
    }
  }

  private row(item: Entry): HTMLElement {
    const row = this.rows.get(item.id) ?? new EntryRow(this.kind, item);
    this.rows.set(item.id, row);
    row.show(item);
    return row.element;
  }

  private hear(job: Job, ended: boolean): void {
    if (job.kind !== this.registry.job) return;
    const known = this.rows.get(job.subject);
    const row = known?.element.isConnected ? known : undefined;
    row?.showJob(job);
    // Only the list has the result of an inspection, and new entries. It is loaded once for each state of a job.
    const key = `${job.id} ${job.state}`;
    if ((ended || !row) && !this.seen.has(key)) {
      this.seen.add(key);
      clearTimeout(this.refreshing);
      this.refreshing = window.setTimeout(() => void this.load(), TYPING_MS);
    }
  }
}
