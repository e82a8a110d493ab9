/** The layout of the explorer's page, wide, narrow or full screen. */

import { h } from "../base/dom";
import type { ViewState } from "../circuit/types";
import "./frame.css";

export interface Places {
  head: HTMLElement;
  summary: HTMLElement;
  notices: HTMLElement;
  toolbar: HTMLElement;
  counts: HTMLElement;
  filters: HTMLElement;
  centre: HTMLElement;
  handle: HTMLElement;
  panel: HTMLElement;
  /** The width of the panel. */
  body: HTMLElement;
}

export class Frame {
  /** A status line for screen readers. */
  private readonly spoken = h("p", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  /** The place for the progress of a running job. */
  readonly progress = h("div", { class: "ex-progress" });

  private readonly strip = h("div", {});

  constructor(
    private readonly main: HTMLElement,
    places: Places,
  ) {
    const bars = h(
      "div",
      { class: "ex-bars" },
      h("div", { class: "ex-bar" }, places.toolbar, places.counts),
      places.filters,
    );
    const work = h("div", { class: "ex-work" }, places.centre, places.handle, places.panel);
    main.replaceChildren(places.head, this.strip, places.notices, this.progress, bars, work, this.spoken);
    this.placeSummary(places);
  }

  /** The explanation is in the panel if there is room, else above the circuit. */
  private placeSummary(places: Places): void {
    const narrow = matchMedia("(max-width: 720px)");
    const place = () => (narrow.matches ? this.strip : places.body).prepend(places.summary);
    narrow.addEventListener("change", place);
    place();
  }

  show(state: ViewState): void {
    this.main.classList.toggle("full-graph", state.full === "graph");
    this.main.classList.toggle("full-inspector", state.full === "inspector");
    this.main.classList.toggle("chosen", state.select !== null || state.panel === "image");
  }

  /** Hides filters and panel, which need a circuit. */
  bare(bare: boolean): void {
    this.main.classList.toggle("bare", bare);
  }

  speak(text: string): void {
    this.spoken.textContent = text;
  }
}
