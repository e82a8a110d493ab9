import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OVERVIEW, VIEW } from "../../../testing/circuit";
import { DEFAULTS } from "../../circuit/model/state";
import { ExportMenu } from "./export_menu";

const EMPTY = {
  nodes: [],
  edges: [],
  layers: [],
  box: { x1: 0, y1: 0, x2: 10, y2: 10 },
  visible: { x1: 0, y1: 0, x2: 1, y2: 1 },
};

function menuOf(picture = () => EMPTY): ExportMenu {
  const menu = new ExportMenu({ overview: () => OVERVIEW, view: () => VIEW, state: () => DEFAULTS, picture });
  document.body.append(menu.element);
  return menu;
}

function open(menu: ExportMenu): void {
  menu.element.open = true;
  menu.element.dispatchEvent(new Event("toggle"));
}

const button = (menu: ExportMenu, name: string) =>
  [...menu.element.querySelectorAll("button")].find((found) => found.textContent?.startsWith(name));

describe("the menu of exports", () => {
  const saved: { name: string; text: () => Promise<string> }[] = [];
  beforeEach(() => {
    saved.length = 0;
    let last: Blob | null = null;
    vi.spyOn(URL, "createObjectURL").mockImplementation((file) => {
      last = file as Blob;
      return "blob:here";
    });
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
      const file = last;
      saved.push({ name: this.download, text: async () => (await file?.text()) ?? "" });
    });
  });
  afterEach(() => document.body.replaceChildren());

  it("links to every format that the server writes", () => {
    const menu = menuOf();
    open(menu);
    const links = [...menu.element.querySelectorAll("a")].map((link) => link.getAttribute("href")?.split("/").at(-1));
    expect(links).toEqual(["json", "zip", "graphml", "csv", "attribution-graph"]);
  });

  it("saves the graph as SVG under the circuit's id", async () => {
    const menu = menuOf();
    button(menu, "SVG")?.click();
    await vi.waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]?.name).toBe("cat-7k2m9.svg");
    expect(await saved[0]?.text()).toContain("<svg");
  });

  it("saves one HTML file that loads nothing", async () => {
    vi.stubGlobal("fetch", async () => new Response("", { status: 404 }));
    const menu = menuOf();
    button(menu, "HTML")?.click();
    await vi.waitFor(() => expect(saved).toHaveLength(1));
    const text = (await saved[0]?.text()) ?? "";
    expect(text.startsWith("<!doctype html>")).toBe(true);
    expect(text).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|src="(?!data:)/);
    const page = new DOMParser().parseFromString(text, "text/html");
    expect(page.querySelectorAll("section.node")).toHaveLength(VIEW.nodes.length);
    expect(page.title).toBe("Circuit of cat & <i>co</i>, cat-7k2m9");
    for (const link of page.querySelectorAll("a")) {
      expect(page.querySelector(link.getAttribute("href") ?? "")).not.toBeNull();
    }
  });

  it("reports a failure and can be used again", async () => {
    const menu = menuOf(() => {
      throw new Error("nothing is drawn yet");
    });
    button(menu, "SVG")?.click();
    await vi.waitFor(() => expect(document.querySelector(".toast.bad")?.textContent).toContain("nothing is drawn yet"));
    expect(button(menu, "SVG")?.disabled).toBe(false);
  });

  it("closes with Escape and on a click outside", () => {
    const menu = menuOf();
    open(menu);
    menu.element.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(menu.element.open).toBe(false);
    open(menu);
    document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    expect(menu.element.open).toBe(false);
  });
});
