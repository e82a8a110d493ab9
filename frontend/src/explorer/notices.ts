/** Notices above the circuit, one for each name, with an action. */

import { h } from "../base/dom";
import type { Way } from "../base/message";
import { Widget } from "../base/widget";
import "./notices.css";

export class Notices extends Widget {
  readonly element = h("div", { class: "ex-notices", role: "status" });
  private readonly lines = new Map<string, HTMLElement>();

  /** Shows `text` as the notice `name`, in place of the previous one; null removes it. */
  say(name: string, text: string | null, ways: Way[] = []): void {
    if (this.lines.get(name)?.dataset.text === text) return;
    this.lines.get(name)?.remove();
    this.lines.delete(name);
    if (text === null) return;
    const line = h("p", { class: "ex-notice" }, h("span", {}, text), ...ways.map((way) => this.way(name, way)));
    line.dataset.text = text;
    const close = h("button", { type: "button", class: "quiet", "aria-label": "Dismiss" }, "✕");
    close.addEventListener("click", () => this.say(name, null));
    line.append(close);
    this.lines.set(name, line);
    this.element.append(line);
  }

  private way(name: string, { label, to }: Way): HTMLElement {
    if (typeof to === "string") return h("a", { href: to }, label);
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", () => {
      this.say(name, null);
      to();
    });
    return button;
  }
}
