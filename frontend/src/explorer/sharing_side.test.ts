import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answersOf, OVERVIEW } from "../../testing/circuit";
import { noteOf, stubServer, threadOf } from "../../testing/notes";
import { h } from "../base/dom";
import { StateStore } from "../circuit/state_store";
import { ALL } from "../sharing/types";
import type { Commands } from "./commands";
import { Loader } from "./loader";
import { Screen } from "./screen";
import { Session } from "./session";
import { SharingSide } from "./sharing_side";

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static last: FakeSource | null = null;
  readyState = 1;

  constructor() {
    super();
    FakeSource.last = this;
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  say(kind: string, change: object): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(change) }));
  }
}

const THREADS = [
  threadOf("note-1"),
  threadOf("note-2", { subject: "edge", group: null, source: "low/1", target: "mid/x/1" }),
];
let life: AbortController;

/** Until the stream is listened to and what it led to is shown. */
const soon = () => new Promise((resolve) => setTimeout(resolve, 400));

async function opened(query: string) {
  history.replaceState(null, "", `/circuits/cat${query}`);
  const rest = Object.entries(answersOf()).map(([end, body]) => [`GET ${end}`, { body }] as const);
  stubServer({
    "GET /notes": { body: { items: THREADS, next: null } },
    "GET /labels": { body: { items: [], next: null } },
    ...Object.fromEntries(rest),
  });
  const main = h("main", {});
  document.body.append(main);
  const screen = new Screen(main);
  const render = () => {
    side.show();
    screen.inspector.show(session.view, OVERVIEW, session.state.select);
  };
  const store = new StateStore(() => render(), life.signal);
  const session = new Session(OVERVIEW, store, new Loader(OVERVIEW.id));
  const hands = { render: () => render(), reload: vi.fn(), recompute: vi.fn() };
  const commands = {} as Commands;
  const side = new SharingSide(session, commands, screen, hands, ALL, life.signal);
  render();
  await soon();
  FakeSource.last?.say("ready", {});
  await soon();
  const spoken = () => document.querySelector("body > p[role=status]")?.textContent;
  return { session, screen, hands, spoken, commands };
}

beforeEach(() => {
  life = new AbortController();
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("matchMedia", () => Object.assign(new EventTarget(), { matches: false }));
});
afterEach(() => {
  life.abort();
  document.body.replaceChildren();
});

describe("labels and notes in the explorer", () => {
  it("counts notes at nodes, and shows labels and notes as they arrive", async () => {
    const { session, spoken, hands } = await opened("");
    expect([...session.noted]).toEqual([["mid/x/1", 1]]);
    const label = { group: "low/1", name: "stripes", description: "", version: 1, by: "Ben" };
    FakeSource.last?.say("label", { group: "low/1", label });
    expect(session.view.nodes.find(({ id }) => id === "low/1")?.label).toBe("stripes");
    expect(spoken()).toBe("Ben named group 1 “stripes”.");
    FakeSource.last?.say("note", { id: "note-3", note: noteOf("note-3", { group: "low/1" }) });
    await soon();
    expect(session.noted.get("low/1")).toBe(1);
    expect(spoken()).toContain("wrote a note on stripes in low.");
    FakeSource.last?.say("result", {});
    expect(hands.reload).toHaveBeenCalledTimes(1);
  });

  it("shows the note of the address, until something else is selected", async () => {
    const { session, screen } = await opened("?note=note-2");
    expect(session.state).toMatchObject({ select: "low/1>mid/x/1", note: "note-2" });
    expect(screen.inspector.element.querySelector(".note.meant")?.getAttribute("data-note")).toBe("note-2");
    session.change({ select: "low/1" });
    await soon();
    expect([session.state.note, location.search.includes("note=")]).toEqual([null, false]);
  });

  it("says so if there is no such note", async () => {
    const { session, screen } = await opened("?note=note-9");
    expect(screen.notices.element.textContent).toContain("The note of this link was deleted");
    expect(session.state.note).toBeNull();
  });
});
