/** Connects labels, notes and views with the explorer: names and counts in the graph, linked notes, news. */

import { isAtLeast, Rights, whoAmI } from "../account/me";
import { h } from "../base/dom";
import { attempt, optional, script } from "../base/load";
import { DEFAULTS } from "../circuit/model/state";
import { Scene } from "../circuit/scene";
import type { Overview } from "../circuit/types";
import { nodeOf, subjectName } from "../sharing/all_notes";
import { listen } from "../sharing/change_stream";
import { CircuitNotes } from "../sharing/circuit_notes";
import { NotesApi } from "../sharing/notes_api";
import { compared } from "../sharing/reproduce";
import { type May, subjectOf } from "../sharing/types";
import type { Commands } from "./commands";
import { LOST_NOTE, UNKNOWN_NOTE } from "./result_messages";
import type { Screen } from "./screen";
import type { Session } from "./session";

/** Listening starts after this delay, so that visible content loads first. */
const LISTEN_MS = 300;
/** After this delay, the sections above a note are loaded, and it no longer moves. */
const SETTLED_MS = 700;

interface PageActions {
  /** Updates what is not part of the state. */
  render: () => void;
  /** Loads the circuit again. */
  reload: () => void;
  recompute: () => void;
}

export class SharingSide {
  private readonly circuitNotes: CircuitNotes;
  private readonly spoken = h("p", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  private overview: Overview;
  /** The node or edge that was selected for the linked note. */
  private at: string | null = null;

  constructor(
    private readonly session: Session,
    commands: Commands,
    private readonly screen: Screen,
    private readonly actions: PageActions,
    may: May,
    signal: AbortSignal,
  ) {
    this.overview = session.circuit.overview;
    this.circuitNotes = new CircuitNotes(new NotesApi(this.overview.id), may);
    screen.inspector.circuitNotes = this.circuitNotes;
    commands.share = () => void this.share();
    document.body.append(this.spoken);
    signal.addEventListener("abort", () => this.spoken.remove());
    this.wire();
    void this.readRights();
    setTimeout(() => this.listen(signal), LISTEN_MS);
  }

  /** Reads what the user is allowed to do. */
  private async readRights(): Promise<void> {
    this.circuitNotes.namer = isAtLeast(await whoAmI(), "editor");
  }

  private wire(): void {
    const { circuitNotes, session, actions } = this;
    circuitNotes.on("labels", () => {
      session.callGroups(circuitNotes.names());
      actions.render();
    });
    circuitNotes.on("notes", () => {
      session.notes = circuitNotes.counts();
      if (circuitNotes.linkedNote !== null && this.at === null) void this.lead(circuitNotes.linkedNote);
      actions.render();
    });
    circuitNotes.on("news", (news) => {
      const scene = this.scene();
      if ("label" in news) {
        const { group, name, by } = news.label;
        const { number } = this.session.circuit.groups.get(group ?? "") ?? { number: "" };
        this.spoken.textContent = name
          ? `${by} named group ${number} “${name}”.`
          : `${by} removed the name of group ${number}.`;
      } else {
        const { note } = news;
        this.spoken.textContent = `${note.by.name} wrote a note on ${subjectName(subjectOf(note), scene)}.`;
      }
    });
    circuitNotes.on("result", () => actions.reload());
  }

  private listen(signal: AbortSignal): void {
    const { circuitNotes } = this;
    const report = () => circuitNotes.fail();
    const listener = {
      hear: (...heard: Parameters<CircuitNotes["hear"]>) => void attempt(() => circuitNotes.hear(...heard), { report }),
      // Without the stream, the lists are still worth reading.
      lost: () => void (circuitNotes.ready || attempt(() => circuitNotes.load(), { report })),
    };
    listen(this.overview.id, listener, signal);
  }

  /** Reacts to the state: a new result, another linked note. */
  show(): void {
    const { overview } = this.session.circuit;
    const { note, select } = this.session.state;
    if (overview.computed_at !== this.overview.computed_at) this.compare(overview);
    if (note !== this.circuitNotes.linkedNote) {
      this.circuitNotes.linkedNote = note;
      this.at = null;
      if (note !== null && this.circuitNotes.ready) void this.lead(note);
    } else if (note !== null && this.at !== null && select !== this.at) this.session.letGoOf("note");
  }

  private compare(overview: Overview): void {
    const before = this.overview;
    this.overview = overview;
    if (before.computed_at === null || overview.computed_at === null) return;
    this.screen.notices.say("compared", compared(before, overview));
  }

  /** Selects the subject of a note, and scrolls to the note. */
  private async lead(note: string): Promise<void> {
    const thread = this.circuitNotes.threadOf(note) ?? (await optional(this.circuitNotes.api.thread(note)));
    if (note !== this.circuitNotes.linkedNote) return;
    const id = thread && thread.orphaned_at === null ? nodeOf(subjectOf(thread), this.scene()) : null;
    if (id === null) {
      this.session.letGoOf("note");
      this.screen.notices.say("note", thread ? LOST_NOTE : UNKNOWN_NOTE);
      this.actions.render();
      return;
    }
    this.choose(id);
    for (const wait of [0, SETTLED_MS]) setTimeout(() => this.bringIntoView(note, wait === 0), wait);
  }

  private choose(id: string): void {
    const { state } = this.session;
    this.at = id;
    const inspector = state.inspector || DEFAULTS.inspector;
    this.session.change({ select: id, panel: "inspector", inspector });
    this.screen.centre.pane?.reveal(id);
  }

  private bringIntoView(note: string, focus: boolean): void {
    if (note !== this.circuitNotes.linkedNote) return;
    const found = [...this.screen.inspector.element.querySelectorAll<HTMLElement>("[data-note]")];
    const item = found.find(({ dataset }) => dataset.note === note);
    item?.classList.add("meant");
    item?.scrollIntoView({ block: "center" });
    if (focus) item?.focus({ preventScroll: true });
  }

  private async share(): Promise<void> {
    await attempt(async () => {
      const scripts = [import("../sharing/share_dialog"), import("./exports/view_picture")] as const;
      const [{ ShareDialog }, { viewPicture }] = await script(Promise.all(scripts));
      const rights = new Rights(await whoAmI());
      const { circuit, state, view } = this.session;
      const picture = state.show === "graph" ? this.screen.centre.picture() : null;
      const { overview } = circuit;
      const draw = picture && (() => viewPicture({ overview, view, picture }));
      const dialog = new ShareDialog({ overview, view, state, draw }, rights);
      dialog.on("recompute", () => this.actions.recompute());
    });
  }

  private scene(): Scene {
    return new Scene(this.session.view, this.session.circuit.overview, this.circuitNotes.names());
  }
}
