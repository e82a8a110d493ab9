/** A view that came by a link: it opens as it was shared, to be looked at; who goes on from it does so for themselves. */

import { api } from "../api/client";
import { told } from "../base/message";
import { toast, toastNext } from "../base/toast";
import type { StateStore } from "../circuit/state_store";
import { SharedBar } from "./shared_bar";
import type { SharedPage } from "./shared_page";
import type { May, Shared } from "./types";
import { addressOf, kept } from "./view_state";
import { forkView, openShared } from "./views_api";

const HEADER = "X-Share-Token";
const FIXED = "This is the view as it was shared. Choose “Explore on your own” to change what you see.";
const HIDDEN = "The circuit is no longer shown to your account: ask its owner to show it to you.";

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
    // Pages of other sites may be given no cookie.
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

  /** Fixes the state, where the address says no other. */
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

  /** Whose it is, what it says, and whether the person may keep a copy. */
  private async tell(): Promise<void> {
    const shared = await openShared(this.page.token).catch(() => null);
    if (!shared) return;
    this.shared = shared;
    this.bar.show(shared);
    this.bar.mayFork = !this.page.embedded && shared.view !== null;
  }

  /** Keeps what is seen now as a view of one's own, and opens it. */
  private async fork(): Promise<void> {
    if (!this.shared?.view || !this.store) return;
    try {
      const view = await forkView(this.shared.view, kept(this.store.state));
      toastNext(`“${view.name}” is a view of your own now.`);
      location.assign(addressOf(view));
    } catch (error) {
      if (!told(error)) return;
      toast(error.status === 404 ? HIDDEN : error.message, "bad");
    }
  }
}
