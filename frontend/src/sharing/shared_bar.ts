/** The head of a shared view: what it is and whose, and the ways on from it. The original is never changed. */

import { h } from "../base/dom";
import { Widget } from "../base/widget";
import type { SharedPage } from "./shared_page";
import type { Shared } from "./types";
import "./shared_bar.css";

interface BarEvents {
  /** A person wants to go on from it. */
  explore: undefined;
  /** Back to what was shared. */
  back: undefined;
  fork: undefined;
}

export class SharedBar extends Widget<BarEvents> {
  readonly element = h("header", { class: "shared-bar" });
  private readonly title = h("h1", {});
  private readonly about = h("p", { class: "shared-about small" });
  private readonly description = h("p", { class: "small quiet-text shared-description" });
  private readonly explore = this.button("Explore on your own", "explore");
  private readonly back = this.button("Back to the view as shared", "back");
  private readonly fork = this.button("Keep as my view", "fork");
  private shared: Shared | null = null;
  private own = false;

  constructor(private readonly page: SharedPage) {
    super();
    this.fork.hidden = true;
    const ways = h("div", { class: "shared-ways" }, this.explore, this.back, this.fork);
    const words = h("div", { class: "shared-words" }, this.title, this.about, this.description);
    this.element.append(words, page.embedded ? this.outside() : ways);
    this.title.textContent = document.title.replace(/ · NeurFlow Explorer$/, "");
    this.render();
  }

  show(shared: Shared): void {
    this.shared = shared;
    this.title.textContent = shared.name;
    this.description.textContent = shared.description;
    this.render();
  }

  /** Whether the person has left the view as it was shared. */
  set free(free: boolean) {
    this.own = free;
    this.render();
  }

  /** Whether the person can keep a copy. */
  set mayFork(may: boolean) {
    this.fork.hidden = !may;
  }

  private render(): void {
    const by = this.shared?.by ? `shared by ${this.shared.by}` : "shared";
    const rights = this.page.comment ? "read-only, notes are welcome" : "read-only";
    const circuit = this.shared && `circuit ${this.shared.circuit.name}`;
    const state = this.own ? "you go on from it, and the original stays as it is" : rights;
    this.about.textContent = [by, circuit, state].filter(Boolean).join(" · ");
    this.explore.hidden = this.own;
    this.back.hidden = !this.own;
  }

  private outside(): HTMLElement {
    const href = `/s/${encodeURIComponent(this.page.token)}`;
    return h("a", { href, target: "_blank", rel: "noopener" }, "Open in NeurFlow Explorer");
  }

  private button(label: string, event: keyof BarEvents & string): HTMLButtonElement {
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", () => this.emit(event, undefined));
    return button;
  }
}
