/** A button that opens a menu. The arrow keys move in it; Escape and a click outside close it. */

import { h } from "./dom";
import { Widget } from "./widget";
import "./menu.css";

export interface Item {
  name: string;
  label: string;
  danger?: boolean;
  /** If given, the item is a link to this address. */
  href?: string;
}

export class Menu extends Widget<{ choose: string }> {
  private readonly list = h("div", { class: "menu-list", role: "menu", hidden: true });
  private readonly button: HTMLButtonElement;
  readonly element: HTMLElement;
  private closing: AbortController | null = null;

  /** `what` names the menu's subject for screen readers; `face` is the button's visible text. */
  constructor(
    what: string,
    private readonly items: () => Item[],
    face: string | null = null,
  ) {
    super();
    const attributes = { type: "button", class: "quiet", "aria-haspopup": "menu", "aria-expanded": "false" };
    this.button = h("button", { ...attributes, title: face ?? "More" }, h("span", { class: "menu-face" }, face ?? "⋯"));
    this.about(what);
    this.element = h("div", { class: "menu" }, this.button, this.list);
    this.button.addEventListener("click", () => (this.closing ? this.close() : this.open()));
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("focusout", (event) => {
      if (!(event.relatedTarget instanceof Node) || !this.element.contains(event.relatedTarget)) this.close();
    });
  }

  /** Changes the menu's subject. */
  about(what: string): void {
    for (const element of [this.button, this.list]) element.setAttribute("aria-label", `Menu: ${what}`);
  }

  private open(): void {
    this.closing = new AbortController();
    this.list.replaceChildren(...this.items().map((item) => this.row(item)));
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    const elsewhere = (event: Event) => !this.element.contains(event.target as Node) && this.close();
    document.addEventListener("pointerdown", elsewhere, { signal: this.closing.signal });
    this.rows()[0]?.focus();
  }

  private close(): void {
    this.closing?.abort();
    this.closing = null;
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  private row({ name, label, danger, href }: Item): HTMLElement {
    const common = { role: "menuitem", tabindex: -1, class: danger && "danger" };
    if (href !== undefined) return h("a", { ...common, href }, label);
    const row = h("button", { ...common, type: "button" }, label);
    row.addEventListener("click", () => {
      this.button.focus();
      this.close();
      this.emit("choose", name);
    });
    return row;
  }

  private rows(): HTMLElement[] {
    return [...this.list.children] as HTMLElement[];
  }

  private key(event: KeyboardEvent): void {
    if (!this.closing) {
      if (event.key === "ArrowDown") this.open();
      else return;
    } else if (event.key === "Escape") {
      this.button.focus();
      this.close();
    } else {
      const rows = this.rows();
      const at = rows.indexOf(document.activeElement as HTMLElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
      if (to === undefined) return;
      rows[(to + rows.length) % rows.length]?.focus();
    }
    event.preventDefault();
  }
}
