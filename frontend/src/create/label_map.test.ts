import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { LabelMap } from "./label_map";

type Dataset = Schemas["DatasetOut"];

const classes = [
  { index: 0, name: "cat", shown: "cat", labels: ["puss"], images: 4 },
  { index: 1, name: "#1", shown: "crane (#1)", labels: [], images: 0 },
  { index: 2, name: "#2", shown: "crane (#2)", labels: [], images: 0 },
];
const label = (name: string) => ({ name, images: 3, reason: `Nothing is called <b>${name}</b>.` });
const shared = (...names: string[]) => ({ labelled: true, classes, unmatched: names.map(label) });
const dataset = (change: object = {}) =>
  ({ id: "set-1", class_map: { puss: "cat", gone: "cat" }, may_change: true, ...change }) as unknown as Dataset;

let sent: unknown[] = [];
let status = 200;
let map = new LabelMap();
const saved = vi.fn();

const field = (name: string) =>
  map.element.querySelector(`[aria-label="Class of the label ${name}"]`) as HTMLInputElement;
const choose = (name: string, text: string) => {
  field(name).value = text;
  field(name).dispatchEvent(new Event("change"));
};

beforeEach(() => {
  sent = [];
  status = 200;
  saved.mockReset();
  map = new LabelMap();
  map.on("saved", saved);
  document.body.replaceChildren(map.element);
  vi.stubGlobal("fetch", async (request: Request) => {
    const body = await request.json();
    sent.push(body);
    const answer =
      status === 200 ? { ...dataset(), ...body } : { title: "Refused", detail: "No such label.", errors: [] };
    return new Response(JSON.stringify(answer), { status, headers: { "content-type": "application/json" } });
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("LabelMap", () => {
  it("is hidden if every label has its own class", () => {
    map.show(dataset({ class_map: {} }), shared(), false);
    expect(map.element.hidden).toBe(true);
    map.show(null, null, false);
    expect(map.element.hidden).toBe(true);
  });

  it("shows labels without a class, with the reason, and mapped labels", () => {
    map.show(dataset(), shared("kitty", "mug"), false);
    expect(map.element.hidden).toBe(false);
    expect(map.element.open).toBe(false);
    expect(map.element.querySelector("summary")?.textContent).toBe(
      "2 labels without a class, 1 label mapped to a class",
    );
    expect(map.element.textContent).toContain("Nothing is called <b>kitty</b>.");
    expect([...map.element.querySelectorAll("li")].at(-1)?.textContent).toBe("puss→ catRemove");
    map.show(dataset(), shared("kitty"), true);
    expect(map.element.open).toBe(true);
  });

  it("saves the chosen class with the others, and focuses the next label", async () => {
    map.show(dataset(), shared("kitty", "mug"), true);
    choose("kitty", "crane (#2)");
    await vi.waitFor(() => expect(saved).toHaveBeenCalled());
    const class_map = { puss: "cat", gone: "cat", kitty: "#2" };
    expect(sent).toEqual([{ class_map }]);
    map.show(saved.mock.calls[0]?.[0], shared("mug"), true);
    expect(document.activeElement).toBe(field("mug"));
  });

  it("asks for a class of the list", () => {
    map.show(dataset(), shared("kitty"), true);
    choose("kitty", "lion");
    expect(sent).toEqual([]);
    expect(field("kitty").getAttribute("aria-invalid")).toBe("true");
    expect(map.element.textContent).toContain("The network has no class “lion”. Choose one from the list.");
    choose("kitty", "");
    expect(field("kitty").getAttribute("aria-invalid")).toBe("false");
    expect(map.element.textContent).toContain("Nothing is called <b>kitty</b>.");
  });

  it("removes a class", async () => {
    map.show(dataset(), shared(), true);
    map.element.querySelector<HTMLButtonElement>("[aria-label='Remove the class of puss']")?.click();
    await vi.waitFor(() => expect(saved).toHaveBeenCalled());
    expect(sent).toEqual([{ class_map: { gone: "cat" } }]);
  });

  it("reports a failed save, and allows a retry", async () => {
    status = 422;
    map.show(dataset(), shared("kitty"), true);
    choose("kitty", "cat");
    await vi.waitFor(() => expect(document.body.textContent).toContain("No such label."));
    expect(saved).not.toHaveBeenCalled();
    expect(field("kitty").disabled).toBe(false);
  });

  it("is read-only for users who cannot change the data set", () => {
    map.show(dataset({ may_change: false }), shared("kitty"), true);
    expect(map.element.textContent).toContain("You can’t change this data set.");
    expect(map.element.querySelector("input, li button")).toBeNull();
  });

  it("shows the first of many labels, and all on request", () => {
    map.show(dataset({ class_map: {} }), shared(...Array.from({ length: 40 }, (_, n) => `label ${n}`)), true);
    expect(map.element.querySelectorAll("li")).toHaveLength(12);
    const more = [...map.element.querySelectorAll("button")].find((one) => one.textContent === "Show all 40 labels");
    more?.click();
    expect(map.element.querySelectorAll("li")).toHaveLength(40);
    expect(more?.hidden).toBe(true);
  });
});
