/** Tabs over panels: the arrow keys go from one to the next, and only the chosen one is reached by Tab. */

import { h } from "./dom";
import { Widget } from "./widget";
import "./tabs.css";

export interface Tab {
  name: string;
  label: string;
  /** What it shows; its id is given here where it has none. */
  panel: HTMLElement;
}

let made = 0;

export class Tabs extends Widget<{ choose: string }> {
  readonly element: HTMLElement;
  private readonly buttons: HTMLButtonElement[];

  constructor(
    label: string,
    private readonly tabs: readonly Tab[],
  ) {
    super();
    this.buttons = tabs.map((tab) => this.button(tab));
    this.element = h("div", { class: "tabs", role: "tablist", "aria-label": label }, ...this.buttons);
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  /** Shows one of them, and hides the others' panels. */
  show(name: string): void {
    this.tabs.forEach((tab, at) => {
      const chosen = tab.name === name;
      tab.panel.hidden = !chosen;
      this.buttons[at]?.setAttribute("aria-selected", String(chosen));
      this.buttons[at]?.setAttribute("tabindex", chosen ? "0" : "-1");
    });
  }

  private button({ name, label, panel }: Tab): HTMLButtonElement {
    const id = `tab-${++made}`;
    panel.id ||= `${id}-panel`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
    const button = h("button", { type: "button", role: "tab", id, "aria-controls": panel.id, class: "tab" }, label);
    button.addEventListener("click", () => this.emit("choose", name));
    return button;
  }

  private key(event: KeyboardEvent): void {
    const at = this.buttons.indexOf(document.activeElement as HTMLButtonElement);
    const last = this.buttons.length - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = (to + this.buttons.length) % this.buttons.length;
    this.buttons[next]?.focus();
    const tab = this.tabs[next];
    if (tab) this.emit("choose", tab.name);
  }
}
