/** All links to a circuit, for those who can change it: whoever created them, with the view that each shows. */

import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { attempt } from "../base/load";
import { PagedList } from "../base/paged_list";
import { wordsOf } from "./link_list";
import type { CircuitLink } from "./types";
import { addressOf } from "./view_state";
import { circuitLinks, revokeCircuitLink } from "./views_api";

export class CircuitLinks {
  private readonly list = h("ul", { class: "plain-list" });
  private readonly links: PagedList<CircuitLink>;
  readonly element: HTMLElement;

  constructor(
    private readonly circuit: string,
    signal: AbortSignal,
  ) {
    this.links = new PagedList<CircuitLink>(
      this.list,
      {
        page: (cursor, life) => circuitLinks(circuit, cursor, life),
        row: (link) => this.row(link),
        none: () => "No links to this circuit.",
      },
      signal,
    );
    const intro =
      "All links to this circuit, also those of other people. You can revoke them because you can change it.";
    this.element = h("div", {}, h("p", { class: "small quiet-text" }, intro), this.list, this.links.foot);
  }

  /** Reads the links, anew where they were read before. */
  load(): Promise<void> {
    return this.links.refresh();
  }

  private row(link: CircuitLink): HTMLElement {
    const { view, state, analysis, owner } = link;
    const revoke = h("button", { type: "button", class: "quiet small danger" }, "Revoke");
    revoke.setAttribute("aria-label", `Revoke a link to ${view.name}`);
    revoke.addEventListener("click", () => void this.revoke(link));
    const image = analysis === null ? null : { id: analysis, name: "" };
    const href = addressOf({ circuit: { id: this.circuit, name: "" }, state, analysis: image });
    const shown = h("a", { href }, view.name);
    const words = [wordsOf(link), analysis !== null && "shows an image"].filter(Boolean).join(" · ");
    return h(
      "li",
      { class: link.good ? "share-link" : "share-link over" },
      h("span", { class: "small" }, shown, owner && ` by ${owner.name}`, h("br", {}), words),
      link.revoked_at === null && revoke,
    );
  }

  private async revoke(link: CircuitLink): Promise<void> {
    const text = "The link stops working now. Notes that were written with it stay.";
    if (!(await confirmDialog(`Revoke the link to “${link.view.name}”?`, text, "Revoke"))) return;
    await attempt(async () => {
      await revokeCircuitLink(this.circuit, link.id);
      await this.load();
    });
  }
}
