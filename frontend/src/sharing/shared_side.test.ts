import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../testing/circuit";
import { HOSTILE, stubServer } from "../../testing/notes";
import { h } from "../base/dom";
import { StateStore } from "../circuit/state_store";
import { readShared, SharedSide } from "./shared_side";
import type { Shared } from "./types";

const STATE = "v=1&select=mid/x/1&influence=40";
const SHARED: Shared = {
  name: `Cats ${HOSTILE}`,
  description: "Where it looks.",
  circuit: { id: "cat-7k2m9", name: "Cats" },
  analysis: null,
  state: STATE,
  version: 1,
  by: "Ada",
  picture: null,
  changed_at: "2026-01-01T12:00:00Z",
  expires_at: null,
  rights: { read: true, comment: true },
  view: null,
};

function mainOf(change: Record<string, string> = {}): HTMLElement {
  const main = h("main", {});
  Object.assign(main.dataset, {
    shared: "/api/v1/shared/tok_en",
    circuit: "cat-7k2m9",
    state: STATE,
    comment: "yes",
    ...change,
  });
  return main;
}

function opened(main = mainOf()) {
  const page = readShared(main);
  if (!page) throw new Error("not shared");
  const side = new SharedSide(main, page);
  const store = new StateStore(() => undefined, new AbortController().signal, page.state);
  side.begin(store);
  const button = (name: string) =>
    [...side.bar.element.querySelectorAll("button")].find((one) => one.textContent === name);
  return { side, store, main, button };
}

beforeEach(() => history.replaceState(null, "", "/s/tok_en"));
afterEach(() => document.body.replaceChildren());

describe("the page of a share link", () => {
  it("is recognised, and other pages are not", () => {
    expect(readShared(h("main", {}))).toBeNull();
    expect(readShared(mainOf({ analysis: "photo-1" }))).toMatchObject({
      token: "tok_en",
      circuit: "cat-7k2m9",
      comment: true,
      state: { select: "mid/x/1", influence: 40, panel: "image", analysis: "photo-1" },
    });
    expect(readShared(mainOf({ embedded: "yes" }))).toMatchObject({ comment: false, state: { inspector: 0 } });
  });

  it("opens as it was shared, and changes only on request", async () => {
    stubServer({ "GET /shared/tok_en": { body: SHARED } });
    const { side, store, main, button } = opened();
    await settled();
    expect(side.bar.element.textContent).toContain(`Cats ${HOSTILE}shared by Ada · circuit Cats · read-only`);
    expect(side.bar.element.querySelector("img")).toBeNull();
    expect([main.className, side.may.change, button("Save as my view")?.hidden]).toEqual([
      "read-only fixed without-image",
      false,
      true,
    ]);
    store.change({ influence: 90 });
    expect(store.state.influence).toBe(40);
    expect(document.querySelector(".toast")?.textContent).toContain("Explore");
    button("Explore")?.click();
    store.change({ influence: 90 });
    expect([store.state.influence, main.classList.contains("fixed")]).toEqual([90, false]);
    button("Reset to shared view")?.click();
    expect([store.state.influence, location.search, main.classList.contains("fixed")]).toEqual([40, "", true]);
  });

  it("opens with the state of the address", () => {
    stubServer({});
    history.replaceState(null, "", "/s/tok_en?v=1&influence=70");
    const { store, main } = opened();
    expect([store.state.influence, main.classList.contains("fixed")]).toEqual([70, false]);
  });

  it("opens the shared image", () => {
    stubServer({});
    const { store, main } = opened(mainOf({ analysis: "photo-1" }));
    expect(store.state).toMatchObject({ panel: "image", analysis: "photo-1", influence: 40 });
    expect([main.classList.contains("without-image"), location.search]).toEqual([false, ""]);
  });

  it("can be saved by users who can see its circuit, with their changes", async () => {
    const fork = { id: "ears-1", name: "Cats", circuit: SHARED.circuit, state: "v=1", analysis: null };
    const sent: unknown[] = [];
    stubServer({
      "GET /shared/tok_en": { body: { ...SHARED, view: "cats-0" } },
      "POST /views/cats-0/fork": (body) => {
        sent.push(body);
        return { status: 201, body: fork };
      },
    });
    const assign = vi.spyOn(location, "assign").mockImplementation(() => {});
    const { store, button } = opened();
    await settled();
    button("Explore")?.click();
    store.change({ influence: 90 });
    expect(button("Save as my view")?.hidden).toBe(false);
    button("Save as my view")?.click();
    await settled();
    expect(sent).toEqual([{ state: "v=1&select=mid/x/1&influence=90", analysis: null }]);
    expect(assign).toHaveBeenCalledWith("/circuits/cat-7k2m9");
  });

  it("shows only the graph in a frame of another site", async () => {
    stubServer({ "GET /shared/tok_en": { body: SHARED } });
    const { side, main } = opened(mainOf({ embedded: "yes" }));
    await settled();
    expect(main.classList.contains("embedded")).toBe(true);
    expect(side.bar.element.querySelectorAll("button")).toHaveLength(0);
    expect(side.bar.element.querySelector("a")?.getAttribute("href")).toBe("/s/tok_en");
    expect(side.may).toEqual({ comment: false, change: false });
  });
});
