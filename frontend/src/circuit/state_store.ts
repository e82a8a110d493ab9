/** Holds the state of the explorer, and keeps the page's address in sync with it. */

import { fromParams, type ReadState, toQuery } from "./model/address";
import type { Change } from "./model/edit";
import type { ViewState } from "./types";

/** Steps that the back button takes back one by one; what is dragged or typed is not among them. */
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
/** What may be changed of a state that is fixed: how it is displayed. */
const LOOKING: ReadonlySet<string> = new Set(["select", "show", "inspector", "full", "panel", "note"]);
/** Browsers refuse to write an address many times a second. */
const WRITE_MS = 250;

export class StateStore {
  private held: ViewState;
  private writing = 0;
  /** Whether the address was of a form that is not known. */
  readonly foreign: boolean;
  /** Is called instead of a change while the state is fixed; null where it is not. */
  fixed: (() => void) | null = null;

  /**
   * `changed` is called after every change, also when the user goes back. `plain` is what an address without a query
   * stands for, where that is not the plainest view.
   */
  constructor(
    private readonly changed: () => void,
    signal: AbortSignal,
    private plain: ViewState | null = null,
  ) {
    const read = this.read();
    this.held = read.state;
    this.foreign = read.foreign;
    window.addEventListener("popstate", () => this.restore(), { signal });
    window.addEventListener("pagehide", () => this.flush(), { signal });
  }

  get state(): ViewState {
    return this.held;
  }

  /** Changes the state and the address: a new step in the history where it is one. */
  change(change: Change): void {
    if (this.fixed && Object.keys(change).some((name) => !LOOKING.has(name))) {
      this.fixed();
      return;
    }
    const before = this.held;
    const isStep = STEPS.some((key) => key in change && JSON.stringify(change[key]) !== JSON.stringify(before[key]));
    if (isStep) this.flush();
    this.held = { ...before, ...change };
    if (isStep) history.pushState(null, "", this.address());
    else this.writeSoon();
    this.changed();
  }

  /** Puts another form of the same state in its place, without a step. */
  settle(state: ViewState): void {
    if (this.held === this.plain) this.plain = state;
    this.held = state;
    this.write();
  }

  /** Writes what is not written yet. */
  flush(): void {
    if (this.writing) this.write();
  }

  /** Back to what the plain address stands for. */
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
    this.held = this.read().state;
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
    const query = toQuery(this.held);
    if (!this.plain) return query;
    return query === toQuery(this.plain) ? "" : query || "?v=1";
  }
}
