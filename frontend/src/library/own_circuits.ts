/** The newest circuits of a network or data set. */

import { at } from "../api/address";
import { isAtLeast, whoAmI } from "../account/me";
import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { attempt } from "../base/load";
import { picture } from "../base/picture";
import type { Job } from "../jobs/watch_jobs";

const SHOWN = 6;
const PICTURES = 3;
const WORDS: Record<Schemas["JobState"], string> = {
  queued: "queued",
  running: "running",
  succeeded: "",
  failed: "failed",
  cancelled: "cancelled",
};

export class OwnCircuits {
  private readonly list = h("ul", { class: "own-circuits" });
  private readonly note = h("p", { class: "small quiet-text" });
  readonly element: HTMLElement;

  constructor(
    private readonly of: "network" | "dataset",
    private readonly id: string,
  ) {
    const query = new URLSearchParams({ [of]: id });
    const all = h("a", { class: "button", href: at(`/?${query}`) }, "All circuits");
    const fresh = h("a", { class: "button", href: at(`/circuits/new?${query}`) }, "New circuit");
    void whoAmI().then((me) => (fresh.hidden = !isAtLeast(me, "editor")));
    this.element = h("div", {}, this.list, this.note, h("p", { class: "ways" }, all, fresh));
  }

  async load(): Promise<void> {
    const read = async () => {
      const query = { limit: SHOWN, ...(this.of === "network" ? { network: this.id } : { dataset: this.id }) };
      const { items } = await data(api.GET("/api/v1/circuits", { params: { query } }));
      this.list.replaceChildren(...items.map(row));
      this.note.textContent = items.length > 0 ? "" : "No circuits yet.";
    };
    await attempt(read, { report: ({ message }) => (this.note.textContent = message) });
  }

  /** Loads the list again when a trace has ended. */
  hear(job: Job, ended: boolean): void {
    if (ended && job.kind === "trace") void this.load();
  }
}

function row(card: Schemas["CircuitCard"]): HTMLElement {
  const cover = card.cover.slice(0, PICTURES).map((address) => picture(address));
  const strip = h("span", { class: "own-cover", "aria-hidden": "true" }, ...cover);
  const state = h("span", { class: "small quiet-text" }, WORDS[card.state]);
  return h("li", {}, h("a", { href: at(`/circuits/${card.id}`) }, strip, h("span", {}, card.name)), state);
}
