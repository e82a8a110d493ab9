import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contextOf as inspectorContext, OVERVIEW, settled } from "../../testing/circuit";
import { CARD, INSPECTED } from "../../testing/image";
import { ImageLens } from "./image_lens";

let answers: Record<string, unknown>;
let asked: string[];

beforeEach(() => {
  document.body.replaceChildren();
  asked = [];
  answers = { "GET /api/v1/analyses": { items: [CARD], next: null }, "GET /api/v1/analyses/photo-7k2m9": INSPECTED };
  vi.stubGlobal("fetch", async (request: Request) => {
    const name = `${request.method} ${new URL(request.url, "http://here").pathname}`;
    asked.push(name);
    const found = answers[name];
    const body = found ?? { title: "Not found", detail: "There is no such thing." };
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    const headers = { "Content-Type": "application/json" };
    return new Response(JSON.stringify(body), { status: found ? 200 : 404, headers });
  });
});
afterEach(() => vi.unstubAllGlobals());

function made(mayInspect = true) {
  const lens = new ImageLens(OVERVIEW, mayInspect);
  document.body.append(lens.element);
  const heard: unknown[] = [];
  for (const name of ["open", "unknown", "select", "inspect"] as const) {
    lens.on(name, (detail) => heard.push([name, detail]));
  }
  const button = (text: string) => {
    const found = [...document.querySelectorAll("button")].find((each) => each.textContent === text);
    if (!found) throw new Error(`no button ${text}`);
    return found;
  };
  return { lens, heard, button, root: lens.element };
}

describe("the lens", () => {
  it("offers ways to inspect an image, and the saved ones, while none is open", async () => {
    const { lens, heard, root, button } = made();
    lens.show(OVERVIEW, null, []);
    await settled();
    expect(root.textContent).toContain("Drop an image here");
    expect(button("Browse the data set")).toBeTruthy();
    root.querySelector<HTMLElement>(".lens-kept-open")?.click();
    expect(heard).toEqual([["open", "photo-7k2m9"]]);
    lens.show({ ...OVERVIEW, dataset: null }, null, []);
  });

  it("offers a viewer the images that others inspected, and no way to inspect one", async () => {
    const { lens, root } = made(false);
    lens.show(OVERVIEW, null, []);
    await settled();
    expect(root.querySelector(".lens-drop, input[type=file]")).toBeNull();
    expect(root.textContent).toContain("Ask an administrator");
    expect(root.querySelector(".lens-kept-open")).toBeTruthy();
  });

  it("shows the open analysis, and emits it", async () => {
    const { lens, root } = made();
    const changed = vi.fn();
    lens.on("change", () => changed(lens.finished?.id ?? null));
    lens.show(OVERVIEW, "photo-7k2m9", ["low/2"]);
    await settled();
    expect(changed.mock.calls).toEqual([["photo-7k2m9"]]);
    expect(root.querySelector("h2")?.textContent).toBe(CARD.name);
    expect(root.textContent).toContain("2 of 5 groups fire; 2 are silent.");
    expect(root.querySelector("[aria-pressed=true][data-group]")?.getAttribute("data-group")).toBe("low/2");
    lens.show(OVERVIEW, null, []);
    expect(changed.mock.lastCall).toEqual([null]);
    expect(root.textContent).toContain("Drop an image here");
  });

  it("says so if there is no such image, or it is another circuit's", async () => {
    const { lens, heard } = made();
    lens.show(OVERVIEW, "gone-12345", []);
    await settled();
    answers["GET /api/v1/analyses/photo-7k2m9"] = { ...INSPECTED, circuit: { id: "dog-1", name: "dog" } };
    lens.show(OVERVIEW, "photo-7k2m9", []);
    await settled();
    expect(heard).toEqual([
      ["unknown", "gone-12345"],
      ["unknown", "photo-7k2m9"],
    ]);
    expect(lens.finished).toBeNull();
  });

  it("offers to re-run an analysis after the circuit was recomputed", async () => {
    const { lens, button, root } = made();
    answers["GET /api/v1/analyses/photo-7k2m9"] = { ...INSPECTED, current: false };
    lens.show(OVERVIEW, "photo-7k2m9", []);
    await settled();
    expect(root.textContent).toContain("The circuit was recomputed.");
    answers["POST /api/v1/analyses/photo-7k2m9/repeat"] = INSPECTED;
    button("Re-run").click();
    await settled();
    expect(root.textContent).not.toContain("The circuit was recomputed.");
    expect(lens.finished?.current).toBe(true);
  });

  it("says why an image could not be inspected", async () => {
    const { lens, button, root } = made();
    const problem = { type: "no-network", title: "The network is gone", detail: "Its file <b>was</b> deleted." };
    const job = { ...CARD.job, problem };
    answers["GET /api/v1/analyses/photo-7k2m9"] = { ...INSPECTED, state: "failed", reading: null, job };
    lens.show(OVERVIEW, "photo-7k2m9", []);
    await settled();
    expect(root.textContent).toContain("The network is goneIts file <b>was</b> deleted.");
    expect(button("Re-run")).toBeTruthy();
  });

  it("renames, exports and deletes", async () => {
    const { lens, heard, button, root } = made();
    lens.show(OVERVIEW, "photo-7k2m9", []);
    await settled();
    const links: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
      links.push(this.getAttribute("href") ?? "");
    });
    const choose = (label: string) => {
      root.querySelector<HTMLElement>(".lens-head .menu > button")?.click();
      button(label).click();
    };
    for (const form of ["JSON", "CSV", "HTML"]) choose(`Export as ${form}`);
    expect(links).toEqual(["json", "csv", "html"].map((form) => `/api/v1/analyses/photo-7k2m9/export/${form}`));
    choose("Rename");
    const field = document.querySelector<HTMLInputElement>("dialog input");
    if (!field) throw new Error("no field");
    field.value = "Mine";
    answers["PATCH /api/v1/analyses/photo-7k2m9"] = INSPECTED;
    field.form?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settled();
    expect(root.querySelector("h2")?.textContent).toBe("Mine");
    choose("Delete");
    document.querySelector<HTMLElement>("dialog .danger")?.click();
    await settled();
    expect(asked).toContain("DELETE /api/v1/analyses/photo-7k2m9");
    expect(heard).toEqual([["open", null]]);
  });

  it("shows the inspector a group in the image", async () => {
    const { lens } = made();
    const context = inspectorContext();
    expect(lens.groupInImage("mid/x/1", context)).toBeNull();
    lens.show(OVERVIEW, "photo-7k2m9", []);
    await settled();
    const section = lens.groupInImage("mid/x/1", context);
    expect(section?.textContent).toContain("In this image: fires");
    expect(section?.textContent).toContain("fires for 90 % of the traced images");
    expect(section?.querySelectorAll(".lens-crop")).toHaveLength(1);
    expect(lens.groupInImage("gone/1", context)).toBeNull();
    section?.querySelector<HTMLElement>(".lens-term")?.click();
    expect(document.querySelector("dialog")?.textContent).toContain("Exactly");
  });
});
