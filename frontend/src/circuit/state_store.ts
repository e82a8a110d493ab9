/** Holds the state of the explorer, and keeps the page's address in sync with it. */

import { fromParams, type ReadState, toQuery } from "./model/address";
import type { Change } from "./model/edit";
import type { ViewState } from "./types";

/** Changes that get their own step in the history, unlike those made by dragging or typing. */
const STEPS: readonly (keyof ViewState)[] = [
  "select",
  "expand",
  "merge",
  "around",
  "show",
  "hide",
  "sign",
  "full",
  "panel",
  "analysis",
  "note",
];
/** What can be changed in a fixed state: how it is displayed. */
const DISPLAY: ReadonlySet<string> = new Set(["select", "show", "inspector", "full", "panel", "note"]);
/** Browsers limit how often an address can be written. */
const WRITE_MS = 250;

export class StateStore {
  private current: ViewState;
  private writing = 0;
  /** Whether the version of the address was unknown. */
  readonly foreign: boolean;
  /** Called instead of a change while the state is fixed; null if it is not fixed. */
  fixed: (() => void) | null = null;

  /**
   * Calls `changed` after every change, also when the user goes back. `plain` is the state of an address without a
   * query, if it is not the default view.
   */
  constructor(
    private readonly changed: () => void,
    signal: AbortSignal,
    private plain: ViewState | null = null,
  ) {
    const read = this.read();
    this.current = read.state;
    this.foreign = read.foreign;
    window.addEventListener("popstate", () => this.restore(), { signal });
    window.addEventListener("pagehide", () => this.flush(), { signal });
  }

  get state(): ViewState {
    return this.current;
  }

  /** Changes the state and the address, with a new step in the history for the changes in `STEPS`. */
  change(change: Change): void {
    if (this.fixed && Object.keys(change).some((name) => !DISPLAY.has(name))) {
      this.fixed();
      return;
    }
    const before = this.current;
    const isStep = STEPS.some((key) => key in change && JSON.stringify(change[key]) !== JSON.stringify(before[key]));
    if (isStep) this.flush();
    this.current = { ...before, ...change };
    if (isStep) history.pushState(null, "", this.address());
    else this.writeSoon();
    this.changed();
  }

  /** Replaces the state by another form of it, without a step in the history. */
  settle(state: ViewState): void {
    if (this.current === this.plain) this.plain = state;
    this.current = state;
    this.write();
  }

  /** Writes a pending address at once. */
  flush(): void {
    if (this.writing) this.write();
  }

  /** Returns to the state of the plain address. */
  reset(): void {
    if (!this.plain) return;
    this.change(this.plain);
    this.flush();
  }

  private read(): ReadState {
    if (this.plain && location.search === "") return { state: this.plain, foreign: false };
    return fromParams(new URLSearchParams(location.search));
  }

  private restore(): void {
    clearTimeout(this.writing);
    this.writing = 0;
    this.current = this.read().state;
    this.changed();
  }

  private writeSoon(): void {
    this.writing ||= window.setTimeout(() => this.write(), WRITE_MS);
  }

  private write(): void {
    clearTimeout(this.writing);
    this.writing = 0;
    history.replaceState(null, "", this.address());
  }

  private address(): string {
    return location.pathname + this.query() + location.hash;
  }

  private query(): string {
    const query = toQuery(this.current);
    if (!this.plain) return query;
    return query === toQuery(this.plain) ? "" : query || "?v=1";
  }
}
