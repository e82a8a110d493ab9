/** The explorer of one circuit: loads it, follows its job, and keeps state, address and widgets in sync. */

import { at } from "../api/address";
import type { Problem } from "../api/client";
import { copyLink } from "../base/clipboard";
import { confirmDialog } from "../base/dialog";
import { attempt, script } from "../base/load";
import { problemMessage, type Way } from "../base/message";
import { toast, toastNext } from "../base/toast";
import { RESET_FILTERS } from "../circuit/model/edit";
import { StateStore } from "../circuit/state_store";
import type { GroupId, Overview } from "../circuit/types";
import { OPEN_STATES } from "../jobs/watch_jobs";
import type { SharedSide } from "../sharing/shared_side";
import { ALL } from "../sharing/types";
import { Commands, wire } from "./commands";
import { JobFollower } from "./job_follower";
import { listenToKeys } from "./keys";
import { LensSide } from "./lens_side";
import { Loader } from "./loader";
import {
  droppedText,
  emptyLayersText,
  emptyMessage,
  endedMessage,
  filteredMessage,
  UNKNOWN_ADDRESS,
  UNLINKED,
  waitingMessage,
  whyNot,
} from "./result_messages";
import { Screen } from "./screen";
import { Session } from "./session";
import { SharingSide } from "./sharing_side";

const EXPORTS_MS = 1000;

export class Explorer {
  private readonly loader: Loader;
  private readonly screen: Screen;
  private readonly store: StateStore;
  private readonly life = new AbortController();
  private overview: Overview | null = null;
  private session: Session | null = null;
  private commands: Commands | null = null;
  private lens: LensSide | null = null;
  private sharing: SharingSide | null = null;
  private following: JobFollower | null = null;
  private readonly loading = new Set<GroupId>();
  private frame = 0;

  /** `shared` if the page shows a shared view. */
  constructor(
    main: HTMLElement,
    id: string,
    private readonly shared: SharedSide | null = null,
  ) {
    this.loader = new Loader(id);
    this.screen = new Screen(main, shared?.bar.element);
    this.store = new StateStore(() => this.renderSoon(), this.life.signal, shared?.page.state);
    shared?.begin(this.store);
    const { head } = this.screen;
    head.on("copy", () => void copyLink());
    head.on("rename", (name) => void attempt(() => this.rename(name)));
    head.on("recompute", () => void this.again());
    head.on("remove", () => void attempt(() => this.remove()));
    listenToKeys((command) => this.commands?.key(command) ?? false, this.life.signal);
    this.listenToConnection();
  }

  /** Loads the circuit, and the graph's script after the first paint. */
  start(): void {
    void this.load();
    requestAnimationFrame(() => setTimeout(() => void this.loadGraph()));
  }

  private async load(): Promise<void> {
    const again = () => void this.load();
    const report = (problem: Problem) => {
      const ways = this.shared ? [] : [{ label: "All circuits", to: at("/") }];
      if (this.session) this.screen.notices.say("load", problem.message, [{ label: "Try again", to: again }]);
      else this.say(problemMessage(problem, again, ways));
    };
    await attempt(async () => this.receive(await this.loader.overview()), { report });
  }

  private async loadGraph(): Promise<void> {
    const report = () => {
      const text = "The graph could not be loaded. Use the table instead.";
      const again = { label: "Try again", to: () => void this.loadGraph() };
      const table = { label: "Table", to: () => this.store.change({ show: "table" }) };
      this.screen.notices.say("graph", text, [again, table]);
    };
    const loaded = await attempt(() => script(this.screen.centre.load()), { report });
    // Pictures can be exported once there is a graph.
    if (loaded) setTimeout(() => void this.loadExports(), EXPORTS_MS);
  }

  private async loadExports(): Promise<void> {
    const { ExportMenu } = await import("./exports/export_menu");
    const loadedSession = () => {
      if (!this.session) throw new Error("The circuit is not computed yet.");
      return this.session;
    };
    const menu = new ExportMenu({
      overview: () => loadedSession().circuit.overview,
      view: () => loadedSession().view,
      state: () => loadedSession().state,
      picture: () => this.screen.centre.picture(),
    });
    this.screen.toolbar.exports.replaceChildren(menu.element);
  }

  /** Shows what the server has of the circuit: a result, the finished layers, or the reason why there is neither. */
  private async receive(overview: Overview): Promise<void> {
    const running = OPEN_STATES.has(overview.state);
    const result = overview.computed_at !== null;
    this.overview = overview;
    if (!this.shared) this.screen.head.show(overview);
    this.following?.close();
    this.following = null;
    this.sayWhy(overview);
    if (result) this.showResult(overview);
    else if (running) this.showLayers(await this.loader.preview(overview), waitingMessage());
    else await this.showEnded(overview);
    if (running) this.follow(overview, !result);
  }

  /** Shows the layers that were finished when the job ended, and the reason; without layers, only the reason. */
  private async showEnded(overview: Overview): Promise<void> {
    const preview = await this.loader.preview(overview);
    const again = () => void this.again();
    this.showLayers(preview, endedMessage(overview, again));
    const text = preview.groups.length ? `${whyNot(overview)} The layers that were finished are shown.` : null;
    this.screen.notices.say("why", text, this.wayAgain());
  }

  private follow(overview: Overview, previews: boolean): void {
    this.following = new JobFollower(overview, this.loader, previews, {
      layers: (preview) => this.showLayers(preview, waitingMessage()),
      ended: () => void this.load(),
    });
    this.screen.frame.progress.replaceChildren(this.following.element);
  }

  private showResult(overview: Overview): void {
    if (overview.groups.length === 0) {
      this.say(emptyMessage(() => void this.again()));
      return;
    }
    const { notices } = this.screen;
    const session = this.sessionOf(overview);
    const dropped = session.settle();
    notices.say("dropped", dropped.length ? droppedText(dropped) : null);
    notices.say("address", this.store.foreign ? UNKNOWN_ADDRESS : null);
    notices.say("empty", emptyLayersText(overview));
    this.render();
  }

  /** Shows the finished layers, or else `otherwise`. The address stays: it may name unfinished layers. */
  private showLayers(preview: Overview, otherwise: HTMLElement): void {
    if (preview.groups.length === 0) {
      this.say(otherwise);
      return;
    }
    this.sessionOf(preview);
    this.render();
  }

  private sessionOf(overview: Overview): Session {
    if (this.session) this.session.replace(overview);
    else {
      this.session = new Session(overview, this.store, this.loader);
      this.commands = new Commands(this.session, this.screen, () => this.renderSoon());
      wire(this.screen, this.session, this.commands);
      const soon = () => this.renderSoon();
      const { signal } = this.life;
      this.lens = new LensSide(this.session, this.commands, this.screen, soon, signal, this.shared !== null);
      const actions = { render: soon, reload: () => void this.load(), recompute: () => void this.again() };
      const may = this.shared?.may ?? ALL;
      this.sharing = new SharingSide(this.session, this.commands, this.screen, actions, may, signal);
    }
    return this.session;
  }

  /** Shows why the last job failed, above the previous result. */
  private sayWhy(overview: Overview): void {
    const why = overview.computed_at === null ? null : whyNot(overview);
    const text = why && `${why} The previous result is shown.`;
    this.screen.notices.say("why", text, this.wayAgain());
  }

  private wayAgain(): Way[] {
    return this.shared ? [] : [{ label: "Recompute", to: () => void this.again() }];
  }

  private say(element: HTMLElement): void {
    this.screen.frame.bare(true);
    this.screen.centre.say(element);
  }

  private renderSoon(): void {
    this.frame ||= requestAnimationFrame(() => this.render());
  }

  private render(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { session, commands, screen } = this;
    if (!session || !commands) return;
    this.lens?.show();
    this.sharing?.show();
    screen.show(session, commands.marking);
    if (session.view.nodes.length === 0) screen.centre.say(filteredMessage(() => this.store.change(RESET_FILTERS)));
    for (const group of session.missing) void this.open(session, group);
  }

  /** Loads the parts of an expanded group. */
  private async open(session: Session, group: GroupId): Promise<void> {
    if (this.loading.has(group) || this.overview?.computed_at === null) return;
    this.loading.add(group);
    const name = `open ${group}`;
    const done = () => {
      this.loading.delete(group);
      this.renderSoon();
    };
    // It stays among the loading groups until the user tries again: otherwise, each frame would repeat the request.
    const report = ({ message }: Problem) => {
      const text = `Group ${group} could not be expanded. ${message}`;
      this.screen.notices.say(name, text, [{ label: "Try again", to: done }]);
    };
    const expand = async () => {
      const linked = await session.load(group);
      this.screen.notices.say("unlinked", linked ? null : UNLINKED, this.wayAgain());
    };
    if (await attempt(expand, { report })) done();
  }

  private async again(): Promise<void> {
    await attempt(() => this.recompute());
  }

  private async recompute(): Promise<void> {
    await this.loader.recompute();
    await this.load();
  }

  private async rename(name: string): Promise<void> {
    await this.loader.rename(name);
    if (!this.overview) return;
    this.overview = { ...this.overview, name };
    this.screen.head.show(this.overview);
    toast("Circuit renamed.");
  }

  private async remove(): Promise<void> {
    const name = this.overview?.name ?? "this circuit";
    const text =
      "The circuit and its result are deleted for all users, and links to it stop working. You can’t undo this.";
    if (!(await confirmDialog(`Delete “${name}”?`, text, "Delete"))) return;
    await this.loader.remove();
    toastNext(`Deleted “${name}”.`);
    location.assign(at("/"));
  }

  private listenToConnection(): void {
    const { signal } = this.life;
    const text = "No connection. The page updates when the connection is back.";
    window.addEventListener("offline", () => this.screen.notices.say("offline", text), { signal });
    window.addEventListener("online", () => this.screen.notices.say("offline", null), { signal });
  }
}
