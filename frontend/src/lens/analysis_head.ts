/** The head of an image that is open: its name, what can be done with it, and a way back to all of them. */

import { h } from "../base/dom";
import { Menu } from "../base/menu";
import { Widget } from "../base/widget";
import type { Analysis } from "../circuit/types";
import "./analysis_head.css";

interface HeadEvents {
  rename: undefined;
  copy: undefined;
  remove: undefined;
  close: undefined;
}

const FORMS = ["json", "csv", "html"] as const;

export class AnalysisHead extends Widget<HeadEvents> {
  readonly element: HTMLElement;
  private readonly name: HTMLElement;

  constructor(private readonly analysis: Analysis) {
    super();
    const done = analysis.reading !== null;
    const menu = new Menu("this image", () => [
      { name: "rename", label: "Rename" },
      { name: "copy", label: "Copy link" },
      ...(done ? FORMS.map((form) => ({ name: form, label: `Export as ${form.toUpperCase()}` })) : []),
      { name: "remove", label: "Delete", danger: true },
    ]);
    menu.on("choose", (name) => this.chosen(name));
    const close = h("button", { type: "button", class: "quiet", "aria-label": "Close this image" }, "✕");
    close.title = "Back to all images";
    close.addEventListener("click", () => this.emit("close", undefined));
    this.name = h("h2", {}, analysis.name);
    this.element = h("header", { class: "lens-head" }, this.name, menu.element, close);
  }

  rename(name: string): void {
    this.name.textContent = name;
  }

  private chosen(name: string): void {
    const form = FORMS.find((one) => one === name);
    if (form) this.download(form);
    else if (name === "rename" || name === "copy" || name === "remove") this.emit(name, undefined);
  }

  private download(form: string): void {
    const link = h("a", { href: `/api/v1/analyses/${this.analysis.id}/export/${form}`, download: true, hidden: true });
    this.element.append(link);
    link.click();
    link.remove();
  }
}
