/** Tabs over panels. The arrow keys move between tabs; Tab reaches the selected one only. */

import { h } from "./dom";
import { Widget } from "./widget";
import "./tabs.css";

export interface Tab {
  name: string;
  label: string;
  /** The panel of the tab. Tabs can share one. It gets an id if it has none. */
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

  /** Selects a tab, and hides the panels of the others. */
  show(name: string): void {
    for (const { panel } of this.tabs) panel.hidden = true;
    this.tabs.forEach((tab, at) => {
      const chosen = tab.name === name;
      const button = this.buttons[at];
      button?.setAttribute("aria-selected", String(chosen));
      button?.setAttribute("tabindex", chosen ? "0" : "-1");
      if (!chosen || !button) return;
      tab.panel.hidden = false;
      tab.panel.setAttribute("aria-labelledby", button.id);
    });
  }

  private button({ name, label, panel }: Tab): HTMLButtonElement {
    const id = `tab-${++made}`;
    panel.id ||= `${id}-panel`;
    panel.setAttribute("role", "tabpanel");
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
