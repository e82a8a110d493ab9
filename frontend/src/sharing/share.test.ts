import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OVERVIEW, PLAIN, settled } from "../../testing/circuit";
import { HOSTILE, stubServer } from "../../testing/notes";
import { stateOf } from "../../testing/random_circuits";
import { exampleMe } from "../../testing/users";
import { Rights } from "../account/me";
import { wordsOf } from "./link_list";
import { compared, Reproduce } from "./reproduce";
import { ShareDialog } from "./share_dialog";
import type { MadeLink, Provenance, View } from "./types";

const VIEW: View = {
  id: "view-1",
  name: HOSTILE,
  description: "",
  circuit: { id: OVERVIEW.id, name: "Cats" },
  analysis: null,
  state: "v=1&influence=40",
  version: 1,
  owner: null,
  mine: true,
  forked_from: null,
  picture: null,
  created_at: "2026-01-01T12:00:00Z",
  changed_at: "2026-01-01T12:00:00Z",
};
const LINK: MadeLink = {
  id: "9f",
  may_comment: true,
  anonymous: false,
  created_at: "2026-01-01T12:00:00Z",
  expires_at: "2999-01-01T12:00:00Z",
  revoked_at: null,
  good: true,
  paused: false,
  narrower: [],
  token: "tok",
  address: "http://here/s/tok",
};
const PROVENANCE: Provenance = {
  view: { id: "view-1", name: HOSTILE },
  circuit: { id: OVERVIEW.id, name: "Cats" },
  network: { spec: "demo/photos", digest: "sha256:aa", uploaded: false },
  data: { spec: HOSTILE, digest: "sha256:bb", uploaded: true },
  class: "cat",
  parameters: { images: 20 },
  engine_version: "0.1.0",
  computed_at: "2026-01-01T12:00:00Z",
  command: "neurflow trace --network demo/photos",
  citation: { text: "Cats.", bibtex: "@misc{x}" },
  repeatable: false,
  changed: ["network"],
};

const button = (root: ParentNode, name: string) =>
  [...root.querySelectorAll("button")].find((found) => found.textContent?.startsWith(name));

beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= vi.fn();
});
afterEach(() => document.body.replaceChildren());

describe("sharing a view", () => {
  it("saves it with its contents, creates a link, and shows the link once", async () => {
    let [view, link]: unknown[] = [null, null];
    stubServer({
      "GET /views": { body: { items: [], next: null } },
      "POST /views": (sent) => ({
        status: 201,
        body: { ...VIEW, ...((view = sent) as object), circuit: VIEW.circuit, analysis: null },
      }),
      "POST /links": (sent) => ({ status: 201, body: { ...LINK, ...((link = sent) as object) } }),
    });
    const state = stateOf({ influence: 40, note: "note-1", show: "table" });
    const { element } = new ShareDialog({ overview: OVERVIEW, view: PLAIN, state, draw: null });
    const [comment, anonymous] = [...element.querySelectorAll<HTMLInputElement>("[type=checkbox]")];
    comment?.click();
    anonymous?.click();
    element.querySelector("form")?.requestSubmit();
    await settled();
    expect(view).toEqual({
      circuit: OVERVIEW.id,
      name: OVERVIEW.name,
      description: "",
      version: null,
      state: "v=1&influence=40&show=table",
      analysis: null,
    });
    expect(link).toEqual({ may_comment: true, anonymous: false, expires_at: null });
    expect(element.querySelector<HTMLInputElement>(".made-link input")?.value).toBe("http://here/s/tok");
    expect(element.querySelector("form")?.hidden).toBe(true);
  });

  it("saves a view only once if creating its link fails", async () => {
    let may = false;
    const asked = stubServer({
      "GET /views": { body: { items: [], next: null } },
      "POST /views": { status: 201, body: VIEW },
      "PATCH /views/view-1": { body: VIEW },
      "POST /links": () => (may ? { status: 201, body: LINK } : { status: 403, body: { title: "Not allowed" } }),
    });
    const { element } = new ShareDialog({ overview: OVERVIEW, view: PLAIN, state: stateOf(), draw: null });
    for (const each of [false, true]) {
      may = each;
      element.querySelector("form")?.requestSubmit();
      await settled();
    }
    expect(asked.filter((line) => line === "POST /api/v1/views")).toHaveLength(1);
    expect(element.querySelector(".made-link")).not.toBeNull();
  });

  it("says before and after if people with the link cannot see the data set", async () => {
    const asked = stubServer({
      "GET /views": { body: { items: [], next: null } },
      "GET /narrower": { body: { narrower: ["dataset"] } },
      "POST /views": { status: 201, body: VIEW },
      "POST /links": { status: 201, body: { ...LINK, narrower: ["dataset"] } },
    });
    const { element } = new ShareDialog({ overview: OVERVIEW, view: PLAIN, state: stateOf(), draw: null });
    await settled();
    const words = "Some people with the link cannot see its data set";
    expect(element.querySelector(".share-form")?.textContent).toContain(`${words} “Photos”.`);
    expect(asked.some((line) => line.includes("/narrower"))).toBe(true);
    element.querySelector("form")?.requestSubmit();
    await settled();
    expect(element.querySelector(".made-link")?.textContent).toContain(`${words}.`);
  });

  it("offers what the user can do", () => {
    stubServer({ "GET /views": { body: { items: [], next: null } } });
    const overview = { ...OVERVIEW, visibility: "team", may_change: false } as const;
    const shown = { overview, view: PLAIN, state: stateOf(), draw: null };
    const as = (role: "viewer" | "editor") => new ShareDialog(shown, new Rights(exampleMe({ role }))).element;
    const viewers = as("viewer");
    expect(button(viewers, "Save and create link")).toBeUndefined();
    expect(button(viewers, "Save view")).toBeDefined();
    // Neither theirs nor public: it is not for them to show it to the world.
    const [, anonymous] = [...as("editor").querySelectorAll<HTMLInputElement>("[type=checkbox]")];
    expect(anonymous).toMatchObject({ disabled: true, checked: false });
  });

  it("lists views with their links, and revokes a link", async () => {
    const asked = stubServer({
      "GET /views": { body: { items: [VIEW], next: null } },
      "GET /links": { body: { items: [LINK, { ...LINK, good: false, revoked_at: LINK.created_at }], next: null } },
      "GET /provenance": { body: PROVENANCE },
      "DELETE /links/9f": { status: 204 },
    });
    const { element } = new ShareDialog({ overview: OVERVIEW, view: PLAIN, state: stateOf(), draw: null });
    await settled();
    const row = element.querySelector(".view-row");
    expect(row?.querySelector("a")?.textContent).toBe(HOSTILE);
    expect(row?.querySelector("a")?.getAttribute("href")).toBe("/circuits/cat-7k2m9?v=1&influence=40");
    const fold = row?.querySelector("details");
    if (!fold) throw new Error("no fold");
    fold.open = true;
    fold.dispatchEvent(new Event("toggle"));
    await settled();
    expect(fold.querySelectorAll(".share-link")).toHaveLength(2);
    expect(fold.textContent).toContain("sha256:aa");
    expect(element.querySelector("img")).toBeNull();
    button(fold, "Revoke")?.click();
    button(document.body.lastElementChild as HTMLElement, "Revoke")?.click();
    await settled();
    expect(asked).toContain("DELETE /api/v1/views/view-1/links/9f");
  });

  it("lists all links to a circuit for who may change it, and revokes those of others", async () => {
    const others = {
      ...LINK,
      token: undefined,
      paused: true,
      good: false,
      view: { id: "v", name: HOSTILE },
      state: "v=1&influence=40",
      analysis: "photo-1",
      owner: { id: "bob-4tqw1", name: "Bob" },
    };
    const asked = stubServer({
      "GET /views": { body: { items: [], next: null } },
      [`GET /circuits/${OVERVIEW.id}/links`]: { body: { items: [others], next: null } },
      "DELETE /links/9f": { status: 204 },
    });
    const open = (may_change: boolean) =>
      new ShareDialog({ overview: { ...OVERVIEW, may_change }, view: PLAIN, state: stateOf(), draw: null }).element;
    expect(button(open(false), "All links")).toBeUndefined();
    const element = open(true);
    button(element, "All links")?.click();
    await settled();
    const row = element.querySelector(".share-link") as HTMLElement;
    expect(row.querySelector("img")).toBeNull();
    expect(row.textContent).toContain("by Bob");
    expect(row.textContent).toContain("paused: its creator can no longer share this · shows an image");
    expect(row.querySelector("a")?.getAttribute("href")).toContain(`/circuits/${OVERVIEW.id}?`);
    button(row, "Revoke")?.click();
    button(document.body.lastElementChild as HTMLElement, "Revoke")?.click();
    await settled();
    expect(asked).toContain(`DELETE /api/v1/circuits/${OVERVIEW.id}/links/9f`);
  });

  it("shows what each link allows, and when it expires", () => {
    expect(wordsOf(LINK)).toMatch(/^Created .* · can write notes · account needed · expires /);
    expect(wordsOf({ ...LINK, may_comment: false, anonymous: true, expires_at: null })).toMatch(
      /read-only · no account needed · no expiry$/,
    );
    expect(wordsOf({ ...LINK, expires_at: LINK.created_at })).toContain("expired");
    expect(wordsOf({ ...LINK, revoked_at: LINK.created_at })).toContain("revoked");
  });
});

describe("recomputing", () => {
  it("says what has changed since, and asks for confirmation", async () => {
    stubServer({ "GET /provenance": { body: PROVENANCE } });
    const reproduce = new Reproduce("view-1", true, new AbortController().signal);
    const again = vi.fn();
    reproduce.on("recompute", again);
    await settled();
    expect(reproduce.element.textContent).toContain("Since then, the network’s weights changed.");
    button(reproduce.element, "Recompute")?.click();
    expect(again).not.toHaveBeenCalled();
    button(document.body.lastElementChild as HTMLElement, "Recompute")?.click();
    await settled();
    expect(again).toHaveBeenCalledTimes(1);
  });

  it("is not offered to users who cannot change the circuit", async () => {
    stubServer({ "GET /provenance": { body: PROVENANCE } });
    const reproduce = new Reproduce("view-1", false, new AbortController().signal);
    await settled();
    expect(reproduce.element.textContent).toContain("neurflow trace");
    expect(button(reproduce.element, "Recompute")).toBeUndefined();
  });

  it("describes the new result", () => {
    expect(compared(OVERVIEW, OVERVIEW)).toBe("Recomputed: the result is the same, group by group.");
    const groups = OVERVIEW.groups.map((group, at) =>
      at === 0 ? { ...group, neurons: [7] } : at === 1 ? { ...group, contribution: group.contribution + 0.05 } : group,
    );
    expect(compared(OVERVIEW, { ...OVERVIEW, groups, engine_version: "0.2.0" })).toBe(
      "Recomputed with engine 0.2.0: 4 of 5 groups have the same neurons as before; 1 new, 1 gone. The largest change of a contribution is 5.0 points.",
    );
  });
});
