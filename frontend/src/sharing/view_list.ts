/** A person's views of the circuit. */

import type { Rights } from "../account/me";
import { h } from "../base/dom";
import { problemMessage } from "../base/message";
import { Widget } from "../base/widget";
import type { Overview } from "../circuit/types";
import { ViewRow } from "./view_row";
import { ownViews } from "./views_api";

export class ViewList extends Widget<{ recompute: undefined }> {
  readonly element = h("ul", { class: "view-list" }, h("li", { class: "quiet-text", role: "status" }, "Loading…"));

  constructor(
    private readonly circuit: Overview,
    private readonly rights: Rights,
    private readonly signal: AbortSignal,
  ) {
    super();
    void this.load();
  }

  async load(): Promise<void> {
    try {
      const views = await ownViews(this.circuit.id);
      if (this.signal.aborted) return;
      const none = "No view yet. A view keeps what you see under a name, and links lead others to it.";
      this.element.replaceChildren(
        ...views.map((view) => {
          const row = new ViewRow(view, this.circuit, this.rights, this.signal);
          row.on("changed", () => void this.load());
          row.on("recompute", () => this.emit("recompute", undefined));
          return row.element;
        }),
        ...(views.length ? [] : [h("li", { class: "quiet-text" }, none)]),
      );
    } catch (error) {
      if (!this.signal.aborted)
        this.element.replaceChildren(
          h(
            "li",
            {},
            problemMessage(error, () => void this.load()),
          ),
        );
    }
  }
}
