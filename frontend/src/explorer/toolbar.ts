/** The toolbar: display, selected group, panels, sharing; and the bar shown while merging. */

import { h } from "../base/dom";
import { count } from "../base/format";
import { Widget } from "../base/widget";
import type { ViewState } from "../circuit/types";
import "./toolbar.css";

export type Action =
  | "graph"
  | "table"
  | "fit"
  | "out"
  | "in"
  | "expand"
  | "merge"
  | "split"
  | "full"
  | "legend"
  | "inspector"
  | "image"
  | "explain"
  | "copy"
  | "share"
  | "keys";

/** What the buttons depend on, in addition to the state. */
export interface Chosen {
  canExpand: boolean;
  expanded: boolean;
  isSuper: boolean;
  legend: boolean;
  explained: boolean;
  marking: boolean;
}

export class Toolbar extends Widget<{ action: Action }> {
  readonly element = h("div", { class: "ex-toolbar", role: "toolbar", "aria-label": "View" });
  /** The place for the export menu. */
  readonly exports = h("div", { class: "ex-exports" });
  private readonly buttons = new Map<Action, HTMLButtonElement>();

  constructor() {
    super();
    this.element.append(
      this.set(
        "Display",
        this.button("graph", "Graph", "Show the circuit as a graph", "t"),
        this.button("table", "Table", "Show the circuit as a table", "t"),
      ),
      this.set(
        "Zoom",
        this.button("out", "−", "Zoom out"),
        this.button("fit", "Fit", "Fit the circuit to the screen", "f"),
        this.button("in", "+", "Zoom in"),
      ),
      this.set(
        "Selected group",
        this.button("expand", "Expand", "Show the neurons and semantic groups of the selected group", "e"),
        this.button("merge", "Merge…", "Merge groups of a layer into one", "m"),
      ),
      this.set(
        "Panels",
        this.button("inspector", "Inspector", "Show or hide the inspector", "i"),
        this.button("image", "Image", "Inspect an image with this circuit", "l"),
        this.button("legend", "Legend", "Explain the symbols"),
        this.button("explain", "Explain", "Explain this circuit in words"),
        this.button("full", "Full screen", "Show only the circuit"),
      ),
      this.set(
        "Share",
        this.button("copy", "Copy link", "Copy a link to this view"),
        this.button("share", "Share…", "Save this view and create links to it"),
        this.exports,
      ),
      this.button("keys", "?", "Keyboard shortcuts", "?"),
    );
  }

  show(state: ViewState, chosen: Chosen): void {
    this.press("graph", state.show === "graph");
    this.press("table", state.show === "table");
    this.press("inspector", state.inspector > 0 && state.panel === "inspector");
    this.press("image", state.inspector > 0 && state.panel === "image");
    this.press("legend", chosen.legend);
    this.press("explain", chosen.explained);
    this.press("full", state.full === "graph");
    for (const name of ["in", "out", "fit", "legend"] as const) this.at(name).disabled = state.show === "table";
    const expand = this.at("expand");
    expand.disabled = !chosen.canExpand;
    expand.firstChild?.replaceWith(chosen.expanded ? "Collapse" : "Expand");
    this.at("merge").firstChild?.replaceWith(chosen.isSuper ? "Split" : "Merge…");
    this.at("merge").dataset.action = chosen.isSuper ? "split" : "merge";
    this.press("merge", chosen.marking && !chosen.isSuper);
  }

  private at(name: Action): HTMLButtonElement {
    const button = this.buttons.get(name);
    if (!button) throw new Error(`no button ${name}`);
    return button;
  }

  private press(name: Action, pressed: boolean): void {
    this.at(name).setAttribute("aria-pressed", String(pressed));
  }

  private button(action: Action, label: string, title: string, key?: string): HTMLButtonElement {
    const hint = key ? `${title} (key ${key})` : title;
    const button = h("button", { type: "button", title: hint, "aria-keyshortcuts": key }, label);
    if (label.length === 1) button.setAttribute("aria-label", title);
    button.dataset.action = action;
    button.addEventListener("click", () => this.emit("action", button.dataset.action as Action));
    this.buttons.set(action, button);
    return button;
  }

  private set(name: string, ...buttons: Node[]): HTMLElement {
    return h("div", { class: "ex-set", role: "group", "aria-label": name }, ...buttons);
  }
}

/** The bar while the user marks groups to merge: a hint, the number of marked groups, and the buttons. */
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

  /** Shows the number of `marked` nodes. Hidden unless the user marks groups. */
  show(marking: boolean, marked: number): void {
    this.element.hidden = !marking;
    this.merge.disabled = marked < 2;
    this.text.textContent =
      marked === 0
        ? "Click the groups to merge. They must be in the same layer."
        : `${count(marked, "group")} marked${marked < 2 ? "; click another group of the same layer" : ""}.`;
  }
}
