/** A list that loads page by page, with a button for the next page and for retrying. */

import { h } from "./dom";
import { load, loadingLine } from "./load";
import type { Way } from "./message";

export interface Page<T> {
  items: readonly T[];
  /** The cursor of the next page; null after the last. */
  next: string | null;
}

export interface PagedOptions<T> {
  /** Requests the page at a cursor, for the first where it is null. */
  page: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>;
  /** An item as an element of the list; null for one that is left out. */
  row: (item: T) => HTMLElement | null;
  /** Called once a page is in the list. */
  came?: (page: Page<T>) => void;
  /** What is said of a list without items. */
  none?: () => string;
  /** Ways on that are offered where a page fails. */
  ways?: (error: unknown) => Way[];
}

export class PagedList<T> {
  /** Below the list: the button, that it loads, a failure, or that there is nothing. */
  readonly foot = h("div", { class: "paged-foot" });
  private life = new AbortController();
  private next: string | null = null;

  /** `list` is filled. It ends with `signal`. */
  constructor(
    readonly list: HTMLElement,
    private readonly options: PagedOptions<T>,
    private readonly signal?: AbortSignal,
  ) {
    signal?.addEventListener("abort", () => this.life.abort());
  }

  /** Requests the first page again; what was asked before is given up. What is there stays until it comes. */
  async refresh(): Promise<void> {
    this.life.abort();
    this.life = new AbortController();
    if (this.signal?.aborted) return;
    await this.read(null);
  }

  /** Adds a page that is here already. */
  add(page: Page<T>): HTMLElement[] {
    const rows = page.items.map((item) => this.options.row(item)).filter((row) => row !== null);
    this.list.append(...rows);
    this.took(page);
    return rows;
  }

  /** What stays where it is keeps its focus: put in again, it would lose it. */
  private replace(page: Page<T>): void {
    const rows = page.items.map((item) => this.options.row(item)).filter((row) => row !== null);
    const { children } = this.list;
    const same = rows.length === children.length && rows.every((row, place) => row === children[place]);
    if (!same) this.list.replaceChildren(...rows);
    this.took(page);
  }

  private took(page: Page<T>): void {
    this.next = page.next;
    this.foot.replaceChildren(...this.after(page.next));
    this.options.came?.(page);
  }

  /** Says whether there is nothing, after rows were put in or taken out by hand; a button for more stays. */
  changed(): void {
    if (this.next === null) this.foot.replaceChildren(...this.after(null));
  }

  private async read(cursor: string | null): Promise<void> {
    const { signal } = this.life;
    let rows: HTMLElement[] = [];
    await load(
      this.foot,
      async () => {
        const page = await this.options.page(cursor, signal);
        if (signal.aborted) return [];
        if (cursor === null) this.replace(page);
        else rows = this.add(page);
        return [...this.foot.children];
      },
      // Where a list is read anew, what is there stays until that has come.
      {
        signal,
        waiting: cursor === null && this.list.childElementCount ? null : loadingLine(),
        ways: this.options.ways,
      },
    );
    // The button is gone: who used the keyboard goes on with what it brought.
    if (cursor !== null) focusFirst(rows);
  }

  private after(next: string | null): HTMLElement[] {
    if (next !== null) {
      const more = h("button", { type: "button" }, "Show more");
      more.addEventListener("click", () => void this.read(next));
      return [more];
    }
    const { none } = this.options;
    return none && !this.list.childElementCount ? [h("p", { class: "quiet-text small" }, none())] : [];
  }
}

function focusFirst([first]: readonly HTMLElement[]): void {
  const inside = first?.querySelector<HTMLElement>("a[href], button, [tabindex]");
  inside?.focus({ preventScroll: true });
}
