/** A list that loads page by page: with a button, or as the user scrolls. Failures offer a retry. */

import { h } from "./dom";
import { Latest } from "./latest";
import { load, loadingLine } from "./load";
import type { Way } from "./message";

export interface Page<T> {
  items: readonly T[];
  /** The cursor of the next page; null after the last. */
  next: string | null;
}

export interface PagedOptions<T> {
  /** Requests the page at a cursor, null for the first page. Larger pages are welcome if `wanted` items are to be loaded. */
  page: (cursor: string | null, signal: AbortSignal, wanted: number) => Promise<Page<T>>;
  /** An item as an element of the list; null to leave it out. The same element again is moved, not replaced. */
  row: (item: T) => HTMLElement | null;
  /** Called when a page is in the list. */
  came?: (page: Page<T>) => void;
  /** Shown if the list is empty. */
  none?: () => HTMLElement | string;
  /** Further actions next to the message of a failure. */
  ways?: (error: unknown) => Way[];
  /** Loads the next page when its button is this close to the visible area, such as `600px`. */
  ahead?: string;
}

export class PagedList<T> {
  /** Stands below the list: the button, the progress, a failure, or a note that the list is empty. */
  readonly foot = h("div", { class: "paged-foot" });
  private readonly latest: Latest;
  private signal: AbortSignal;
  private next: string | null = null;
  private readonly near: IntersectionObserver | null = null;

  /** Fills `list` until `life` is aborted. */
  constructor(
    readonly list: HTMLElement,
    private readonly options: PagedOptions<T>,
    life?: AbortSignal,
  ) {
    this.latest = new Latest(life);
    this.signal = this.latest.next();
    const { ahead } = options;
    if (ahead === undefined) return;
    this.near = new IntersectionObserver((entries) => this.scrolled(entries), { rootMargin: ahead });
    life?.addEventListener("abort", () => this.near?.disconnect());
  }

  /** Loads the list again, at least `wanted` items. The present rows stay until then, and if it fails. */
  async refresh(wanted = 0): Promise<void> {
    await this.first(wanted, false);
  }

  /** Loads another list, at least `wanted` items. The present rows stay until then, and are removed if it fails. */
  async restart(wanted = 0): Promise<void> {
    this.list.setAttribute("aria-busy", "true");
    await this.first(wanted, true);
  }

  /** Adds a page that is already loaded. */
  add(page: Page<T>): HTMLElement[] {
    const rows = this.rowsOf(page.items);
    this.list.append(...rows);
    this.took(page);
    return rows;
  }

  /** Removes a row. If it has the focus, the next row gets it, or else the one before. */
  remove(row: Element): void {
    takeOut(row);
    this.changed();
  }

  /** Updates the foot after rows were added or removed elsewhere. */
  changed(): void {
    if (this.next === null) this.foot.replaceChildren(...this.after(null));
  }

  private async first(wanted: number, another: boolean): Promise<void> {
    const signal = (this.signal = this.latest.next());
    if (signal.aborted) return;
    const filled = await this.read(async () => {
      const page = await this.pages(wanted, signal);
      if (!signal.aborted) this.replace(page);
    }, this.list.childElementCount === 0);
    if (signal.aborted) return;
    if (another) this.list.removeAttribute("aria-busy");
    if (another && !filled) this.list.replaceChildren();
  }

  /** Pages from the first on, until `wanted` items are there. */
  private async pages(wanted: number, signal: AbortSignal): Promise<Page<T>> {
    const items: T[] = [];
    let next: string | null = null;
    do {
      const page: Page<T> = await this.options.page(next, signal, wanted - items.length);
      items.push(...page.items);
      next = page.next;
    } while (next !== null && items.length < wanted && !signal.aborted);
    return { items, next };
  }

  /** Loads the next page; `focus` moves the focus to its first row, as the button is gone. */
  private async more(cursor: string, focus: boolean): Promise<void> {
    const { signal } = this;
    let rows: HTMLElement[] = [];
    await this.read(async () => {
      const page = await this.options.page(cursor, signal, 0);
      if (!signal.aborted) rows = this.add(page);
    }, true);
    if (focus && rows[0]) focusIn(rows[0]);
  }

  private read(work: () => Promise<void>, waiting: boolean): Promise<boolean> {
    const { signal } = this;
    const content = async () => {
      await work();
      return [...this.foot.children];
    };
    return load(this.foot, content, { signal, waiting: waiting ? loadingLine() : null, ways: this.options.ways });
  }

  /** Puts the rows of a page in place of the present ones. Rows that are there already are moved only if they must be. */
  private replace(page: Page<T>): void {
    const rows = this.rowsOf(page.items);
    const kept = new Set<Element>(rows);
    const { children } = this.list;
    for (const child of [...children]) if (!kept.has(child)) takeOut(child);
    rows.forEach((row, place) => {
      const at = [...children].indexOf(row);
      if (at === place) return;
      // A moved row loses the focus: instead, those before it are moved.
      if (at > place && row.contains(document.activeElement)) this.list.append(...[...children].slice(place, at));
      else this.list.insertBefore(row, children[place] ?? null);
    });
    this.took(page);
  }

  private rowsOf(items: readonly T[]): HTMLElement[] {
    return items.map((item) => this.options.row(item)).filter((row) => row !== null);
  }

  private took(page: Page<T>): void {
    this.next = page.next;
    this.foot.replaceChildren(...this.after(page.next));
    this.options.came?.(page);
  }

  private after(next: string | null): HTMLElement[] {
    this.near?.disconnect();
    if (next !== null) {
      const more = h("button", { type: "button" }, "Show more");
      more.addEventListener("click", () => void this.more(next, true));
      this.near?.observe(more);
      return [more];
    }
    const none = this.list.childElementCount === 0 ? this.options.none?.() : undefined;
    if (none === undefined) return [];
    return [typeof none === "string" ? h("p", { class: "quiet-text small" }, none) : none];
  }

  private scrolled(entries: readonly IntersectionObserverEntry[]): void {
    if (this.next === null || !entries.some(({ isIntersecting }) => isIntersecting)) return;
    this.near?.disconnect();
    void this.more(this.next, false);
  }
}

/** Removes a row. If it has the focus, the next row gets it, or else the one before. */
function takeOut(row: Element): void {
  const focused = row.contains(document.activeElement);
  const near = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  if (focused) focusIn(near);
}

/** Moves the focus to a row: to its first link, or else to its first button. */
function focusIn(row: Element | null): void {
  const link = row?.querySelector<HTMLElement>('a[href]:not([tabindex="-1"])');
  const other = link ?? row?.querySelector<HTMLElement>('button, [tabindex]:not([tabindex="-1"])');
  other?.focus({ preventScroll: true });
}
