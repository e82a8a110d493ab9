/** The one place that holds what a person has chosen to see, and keeps the page's address in step with it. */

import { fromParams, toQuery } from "./model/address";
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
];
/** Browsers refuse to write an address many times a second. */
const WRITE_MS = 250;

export class StateStore {
  private held: ViewState;
  private writing = 0;
  /** Whether the address was of a form that is not known. */
  readonly foreign: boolean;

  /** `changed` is called after every change, also when a person goes back. */
  constructor(
    private readonly changed: () => void,
    signal: AbortSignal,
  ) {
    const read = fromParams(new URLSearchParams(location.search));
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
    this.held = state;
    this.write();
  }

  /** Writes what is not written yet. */
  flush(): void {
    if (this.writing) this.write();
  }

  private restore(): void {
    clearTimeout(this.writing);
    this.writing = 0;
    this.held = fromParams(new URLSearchParams(location.search)).state;
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
    return location.pathname + toQuery(this.held) + location.hash;
  }
}
