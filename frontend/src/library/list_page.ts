/** The list of networks or data sets, with forms to add one. */

import { isAtLeast, whoAmI } from "../account/me";
import { AddForm } from "../base/add_form";
import { h } from "../base/dom";
import { message, problemMessage, isProblem } from "../base/message";
import { toast } from "../base/toast";
import { JobStream } from "../jobs/job_stream";
import type { Job } from "../jobs/watch_jobs";
import { EntryRow } from "./entry_row";
import { type Entry, type Kind, REGISTRIES, type Registry } from "./registry";
import { WAYS } from "./ways_to_add";
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
  private readonly more = h("button", { type: "button", hidden: true }, "Show more");
  private readonly adding: HTMLDetailsElement;
  private readonly looked = new Set<string>();
  private rows = new Map<string, EntryRow>();
  private mayAdd = true;
  private next: string | null = null;
  private life = new AbortController();
  private typing = 0;
  private refreshing = 0;

  constructor(
    private readonly kind: Kind,
    private readonly signal: AbortSignal,
    private readonly open: (address: string) => void = (address) => location.assign(address),
  ) {
    this.registry = REGISTRIES[kind];
    const stream = new JobStream(signal);
    this.words.placeholder = `Search ${this.registry.many.toLowerCase()}`;
    this.words.setAttribute("aria-label", this.words.placeholder);
    this.words.value = this.asked;
    const forms = WAYS[kind].map((way) => this.form(way));
    const summary = h("summary", { class: "button" }, `New ${this.registry.one}`);
    this.adding = h("details", { class: "adding" }, summary, h("div", { class: "ways-to-add" }, ...forms));
    this.element = h(
      "div",
      { class: "list-page" },
      h("h1", {}, this.registry.many),
      h("p", { class: "quiet-text" }, LEADS[kind]),
      stream.element,
      this.adding,
      h("p", { class: "entry-search", role: "search" }, this.words),
      this.found,
      h("p", {}, this.more),
    );
    this.words.addEventListener("input", () => this.typed());
    this.more.addEventListener("click", () => void this.showMore());
    stream.on("job", ({ job, ended }) => this.hear(job, ended));
    stream.on("back", () => void this.load());
    window.addEventListener("popstate", () => this.returned(), { signal });
    void this.start();
  }

  private async start(): Promise<void> {
    this.mayAdd = isAtLeast(await whoAmI(), "editor");
    this.adding.hidden = !this.mayAdd;
    await this.load();
  }

  private get asked(): string {
    return (new URLSearchParams(location.search).get("q") ?? "").slice(0, 200);
  }

  private form(way: (typeof WAYS)[Kind][number]): HTMLElement {
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

  private async load(): Promise<void> {
    this.life.abort();
    this.life = new AbortController();
    try {
      const page = await this.registry.list(this.asked, null, this.life.signal);
      this.next = page.next;
      this.show(page.items);
    } catch (error) {
      if (!isProblem(error) || this.signal.aborted) return;
      this.found.replaceChildren(problemMessage(error, () => void this.load()));
    }
  }

  private show(items: readonly Entry[]): void {
    const rows = items.map((item) => this.row(item));
    this.rows = new Map(rows.map((row) => [row.data.id, row]));
    const elements = rows.map(({ element }) => element);
    const same =
      elements.length === this.list.children.length && elements.every((row, i) => row === this.list.children[i]);
    // Put in again, an element would lose its focus.
    if (!same) this.list.replaceChildren(...elements);
    this.more.hidden = this.next === null;
    const { one, many } = this.registry;
    this.words.hidden = items.length === 0 && !this.asked;
    if (items.length > 0) this.found.replaceChildren(this.list);
    else if (this.asked) {
      this.found.replaceChildren(message("Nothing found", `No ${one} matches your search.`));
    } else {
      this.adding.open = true;
      const text = this.mayAdd ? "Add the first one above, by name or from a file." : "Editors can add one.";
      this.found.replaceChildren(message(`No ${many.toLowerCase()} yet`, text));
    }
  }

  private row(item: Entry): EntryRow {
    const row = this.rows.get(item.id) ?? new EntryRow(this.kind, item);
    row.show(item);
    return row;
  }

  private async showMore(): Promise<void> {
    this.more.disabled = true;
    try {
      const page = await this.registry.list(this.asked, this.next);
      this.next = page.next;
      for (const item of page.items) {
        const row = this.row(item);
        this.rows.set(item.id, row);
        this.list.append(row.element);
      }
      this.more.hidden = this.next === null;
    } catch (error) {
      if (isProblem(error)) toast(error.message, "bad");
    } finally {
      this.more.disabled = false;
    }
  }

  private hear(job: Job, ended: boolean): void {
    if (job.kind !== this.registry.job) return;
    const row = this.rows.get(job.subject);
    row?.showJob(job);
    // What it found, or one that is new, stands in the list only; one of another search is looked for once a state.
    const key = `${job.id} ${job.state}`;
    if ((ended || !row) && !this.looked.has(key)) {
      this.looked.add(key);
      clearTimeout(this.refreshing);
      this.refreshing = window.setTimeout(() => void this.load(), TYPING_MS);
    }
  }
}
