/** What the lens shows while no image is open: ways to bring one, and those that were looked at before. */

import { h } from "../base/dom";
import { Widget } from "../base/widget";
import type { AnalysisCard, Overview } from "../circuit/types";
import { KeptList } from "./kept_list";
import type { LensApi } from "./lens_api";
import "./start.css";

interface StartEvents {
  file: File;
  /** A person wants to take a picture of the data set. */
  browse: undefined;
  open: AnalysisCard;
}

const LOOK =
  "You may look at what others looked at here. To look at an image of your own takes the role of an editor: ask an administrator.";

export class Start extends Widget<StartEvents> {
  readonly element: HTMLElement;
  private readonly kept: KeptList;
  private readonly input = h("input", { type: "file", accept: "image/*", hidden: true });

  /** `mayBring` where the person may look at further images; else there are those that others looked at. */
  constructor(api: LensApi, overview: Overview, signal: AbortSignal, mayBring = true) {
    super();
    this.kept = new KeptList(api, signal);
    this.kept.on("open", (card) => this.emit("open", card));
    this.element = h(
      "div",
      { class: "lens-start" },
      mayBring ? this.ways(overview) : h("p", {}, LOOK),
      this.kept.element,
    );
  }

  refresh(): void {
    void this.kept.refresh();
  }

  private ways(overview: Overview): HTMLElement {
    const choose = h("button", { type: "button", class: "primary" }, "Choose an image");
    choose.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => {
      const file = this.input.files?.[0];
      // The same file can be chosen again.
      this.input.value = "";
      if (file) this.emit("file", file);
    });
    const browse = h("button", { type: "button" }, "Take one from the data set");
    browse.addEventListener("click", () => this.emit("browse", undefined));
    const has = overview.network !== null && overview.dataset !== null;
    return h(
      "div",
      { class: "lens-drop" },
      h("p", {}, h("strong", {}, "Drop an image here"), ", or paste one."),
      h(
        "p",
        { class: "small quiet-text" },
        `It shows which groups of this circuit fire for it, and where, beside images of “${overview.class}”.`,
      ),
      h("div", { class: "ways" }, this.input, choose, has && browse),
    );
  }
}
