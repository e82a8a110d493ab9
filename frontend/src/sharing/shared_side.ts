/**
 * A view that was opened with a share link. It opens as it was shared; changes that visitors make are
 * visible only to themselves.
 */

import { at } from "../api/address";
import { api } from "../api/client";
import { h } from "../base/dom";
import { attempt, optional } from "../base/load";
import { toast, toastNext } from "../base/toast";
import { Widget } from "../base/widget";
import type { StateStore } from "../circuit/state_store";
import type { ViewState } from "../circuit/types";
import type { May, Shared } from "./types";
import { addressOf, kept, stateOf } from "./view_state";
import { forkView, openShared } from "./views_api";
import "./shared_side.css";

const HEADER = "X-Share-Token";
const FIXED = "This is the view as it was shared. Choose “Explore” to change it.";
const HIDDEN = "You can no longer see this circuit. Ask its owner for access.";

export class SharedSide {
  readonly bar: SharedBar;
  private store: StateStore | null = null;
  private shared: Shared | null = null;

  constructor(
    private readonly main: HTMLElement,
    readonly page: SharedPage,
  ) {
    this.bar = new SharedBar(page);
    main.classList.add("read-only");
    main.classList.toggle("embedded", page.embedded);
    // Browsers may not send cookies from a frame of another site.
    if (page.embedded) api.use({ onRequest: ({ request }) => request.headers.set(HEADER, page.token) });
    this.bar.on("explore", () => this.free());
    this.bar.on("back", () => {
      this.store?.reset();
      this.fix();
    });
    this.bar.on("fork", () => void this.fork());
  }

  get may(): May {
    return { comment: this.page.comment, change: false };
  }

  /** Fixes the state, unless the address contains another one. */
  begin(store: StateStore): void {
    this.store = store;
    if (location.search === "" || this.page.embedded) this.fix();
    else this.free();
    this.main.classList.toggle("without-image", this.page.state.analysis === null);
    void this.tell();
  }

  private fix(): void {
    if (this.store) this.store.fixed = () => toast(FIXED);
    this.main.classList.add("fixed");
    this.bar.free = false;
  }

  private free(): void {
    if (this.store) this.store.fixed = null;
    this.main.classList.remove("fixed");
    this.bar.free = true;
  }

  /** Loads the owner and description of the view, and whether the user can save a copy. */
  private async tell(): Promise<void> {
    const shared = await optional(openShared(this.page.token));
    if (!shared) return;
    this.shared = shared;
    this.bar.show(shared);
    this.bar.mayFork = !this.page.embedded && shared.view !== null;
  }

  /** Saves the current state as the user's own view, and opens it. */
  private async fork(): Promise<void> {
    if (!this.shared?.view || !this.store) return;
    const { view: shared } = this.shared;
    const { state } = this.store;
    const fork = async () => {
      const view = await forkView(shared, kept(state));
      toastNext(`Saved “${view.name}” as your view.`);
      location.assign(addressOf(view));
    };
    await attempt(fork, { report: ({ status, message }) => toast(status === 404 ? HIDDEN : message, "bad") });
  }
}

export interface SharedPage {
  token: string;
  circuit: string;
  state: ViewState;
  /** Whether visitors can write notes. */
  comment: boolean;
  embedded: boolean;
}

/** The shared view that the server wrote into the page; null on other pages. */
export function readShared({ dataset }: HTMLElement): SharedPage | null {
  const { shared, circuit, state = "", analysis, comment, embedded } = dataset;
  if (!shared || !circuit) return null;
  const read = stateOf(state, analysis || null).state;
  const isEmbedded = embedded === "yes";
  return {
    token: decodeURIComponent(shared.split("/").at(-1) ?? ""),
    circuit,
    // A frame in another site has room for the graph only.
    state: isEmbedded ? { ...read, inspector: 0, full: null } : read,
    comment: comment === "yes" && !isEmbedded,
    embedded: isEmbedded,
  };
}

interface BarEvents {
  /** The user wants to change the view. */
  explore: undefined;
  /** Reset to the shared view. */
  back: undefined;
  fork: undefined;
}

/** The head of a shared view: name, owner and buttons. The original is never changed. */
export class SharedBar extends Widget<BarEvents> {
  readonly element = h("header", { class: "shared-bar" });
  private readonly title = h("h1", {});
  private readonly about = h("p", { class: "shared-about small" });
  private readonly description = h("p", { class: "small quiet-text shared-description" });
  private readonly explore = this.button("Explore", "explore");
  private readonly back = this.button("Reset to shared view", "back");
  private readonly fork = this.button("Save as my view", "fork");
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

  /** Whether the user is changing the view. */
  set free(free: boolean) {
    this.own = free;
    this.render();
  }

  /** Whether the user can save a copy. */
  set mayFork(may: boolean) {
    this.fork.hidden = !may;
  }

  private render(): void {
    const by = this.shared?.by ? `shared by ${this.shared.by}` : "shared";
    const rights = this.page.comment ? "read-only, you can write notes" : "read-only";
    const circuit = this.shared && `circuit ${this.shared.circuit.name}`;
    const state = this.own ? "your changes do not affect the original" : rights;
    this.about.textContent = [by, circuit, state].filter(Boolean).join(" · ");
    this.explore.hidden = this.own;
    this.back.hidden = !this.own;
  }

  private outside(): HTMLElement {
    const href = at(`/s/${encodeURIComponent(this.page.token)}`);
    return h("a", { href, target: "_blank", rel: "noopener" }, "Open in NeurFlow Explorer");
  }

  private button(label: string, event: keyof BarEvents & string): HTMLButtonElement {
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", () => this.emit(event, undefined));
    return button;
  }
}
