/** Explains the graph in words for new users. Once dismissed, it stays hidden until the user asks for it. */

import { h } from "../base/dom";
import { percent } from "../base/format";
import { Widget } from "../base/widget";
import { type Circuit, strongest } from "../circuit/model/circuit";
import type { Group, NodeId } from "../circuit/types";
import "./summary.css";

const KEY = "neurflow-summary";
const NAMED = 3;

export class Summary extends Widget<{ select: NodeId; toggle: boolean }> {
  readonly element = h("section", { class: "ex-summary", "aria-label": "How to read this", hidden: true });
  private known = false;

  /** Whether it is visible when it has content. */
  get open(): boolean {
    return localStorage.getItem(KEY) !== "hidden";
  }

  set open(open: boolean) {
    if (open) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, "hidden");
    this.element.hidden = !(open && this.known);
    this.emit("toggle", open);
  }

  show(circuit: Circuit): void {
    const { overview } = circuit;
    const first = strongest(circuit, NAMED);
    this.known = first.length > 0;
    this.element.hidden = !(this.open && this.known);
    const close = h("button", { type: "button", class: "quiet", "aria-label": "Hide explanation" }, "✕");
    close.addEventListener("click", () => {
      this.open = false;
    });
    this.element.replaceChildren(
      h(
        "p",
        {},
        "How the network recognises “",
        h("strong", {}, overview.class),
        "”. Each row is a layer, with the class on top. Each node is a group of neurons, drawn with the image patches " +
          "that they fire on. ",
        h("span", { class: "ex-drives" }, "Blue edges excite"),
        " the group above, ",
        h("span", { class: "ex-holds" }, "dashed orange edges inhibit it"),
        "; wider edges are stronger. Larger groups contribute more to the score; most of it flows through ",
        ...first.flatMap((group, at) => [between(at, first.length), this.jump(group)]),
        ". Click a group to see its patches, neurons and edges. Click an edge to see the pairs of neurons behind it.",
      ),
      close,
    );
  }

  private jump(group: Group): HTMLElement {
    const button = h(
      "button",
      { type: "button", class: "ex-jump", title: "Inspect this group" },
      group.picture && h("img", { src: group.picture, alt: "", width: 20, height: 20 }),
      `group ${group.number} of ${group.layer}`,
      h("span", { class: "quiet-text" }, ` ${percent(group.contribution)}`),
    );
    button.addEventListener("click", () => this.emit("select", group.id));
    return button;
  }
}

const between = (at: number, all: number) => (at === 0 ? "" : at === all - 1 ? " and " : ", ");
