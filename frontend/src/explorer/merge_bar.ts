/** While a person marks groups to merge: what to do next, how many are marked, and the way out. */

import { h } from "../base/dom";
import { count } from "../base/format";
import { Widget } from "../base/widget";
import "./merge_bar.css";

export class MergeBar extends Widget<{ merge: undefined; cancel: undefined }> {
  private readonly text = h("span", { role: "status" });
  private readonly merge = h("button", { type: "button", class: "primary" }, "Merge");
  private readonly cancel = h("button", { type: "button" }, "Cancel");
  readonly element = h("div", { class: "ex-merge small", hidden: true }, this.text, this.merge, this.cancel);

  constructor() {
    super();
    this.merge.addEventListener("click", () => this.emit("merge", undefined));
    this.cancel.addEventListener("click", () => this.emit("cancel", undefined));
  }

  /** `marked` nodes; hidden where a person marks none and is not about to. */
  show(marking: boolean, marked: number): void {
    this.element.hidden = !marking;
    this.merge.disabled = marked < 2;
    this.text.textContent =
      marked === 0
        ? "Click the groups of one layer that you want to see as one."
        : `${count(marked, "group")} marked${marked < 2 ? "; click another of the same layer" : ""}.`;
  }
}
