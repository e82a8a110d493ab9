import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contextOf, EXEMPLAR, settled, stubApi } from "../../../testing/circuit";
import { PatchLook } from "../../circuit/patch_look";
import { ExemplarGrid } from "./exemplar_grid";

const page = { items: [EXEMPLAR, { ...EXEMPLAR, rank: 1, image: { ...EXEMPLAR.image, name: "second" } }], next: null };
const dialog = () => document.querySelector("dialog");

describe("the grid of exemplars", () => {
  beforeEach(() => localStorage.clear());
  afterEach(() => dialog()?.remove());

  it("switches all patches at once and remembers how", () => {
    const grid = new ExemplarGrid(contextOf(), "mid/x/1", "group 1", page);
    const buttons = [...grid.element.querySelectorAll<HTMLElement>(".segments button")];
    buttons[2]?.click();
    const modes = [...grid.element.querySelectorAll<HTMLElement>(".patch-view")].map((view) => view.dataset.mode);
    expect(modes).toEqual(["overlay", "overlay"]);
    expect(buttons[2]?.getAttribute("aria-pressed")).toBe("true");
    expect(new PatchLook().mode).toBe("overlay");
  });

  it("keeps the proportions of a patch", () => {
    const wide = { ...EXEMPLAR, box: { left: 0, top: 0, right: 80, bottom: 40 } };
    const grid = new ExemplarGrid(contextOf(), "mid/x/1", "group 1", { items: [wide], next: null });
    expect(grid.element.querySelector<HTMLElement>(".patch-view")?.style.aspectRatio).toBe("2 / 1");
  });

  it("loads further pages", async () => {
    stubApi();
    const grid = new ExemplarGrid(contextOf(), "mid/x/1", "group 1", { ...page, next: "on" });
    [...grid.element.querySelectorAll("button")].find((button) => button.textContent === "Show more")?.click();
    await settled();
    expect(grid.element.querySelectorAll("button.exemplar")).toHaveLength(4);
  });

  it("says why there are no heat maps, but only for layers that could have some", () => {
    const bare = { items: [{ ...EXEMPLAR, heat_map: null }], next: null };
    expect(new ExemplarGrid(contextOf(), "mid/x/1", "g", bare).element.textContent).toContain("Recompute");
    expect(new ExemplarGrid(contextOf(), "fc/1", "g", bare).element.textContent).not.toContain("Recompute");
  });

  it("shows a placeholder for a missing picture", () => {
    const grid = new ExemplarGrid(contextOf(), "mid/x/1", "group 1", page);
    grid.element.querySelector("img")?.dispatchEvent(new Event("error"));
    expect(grid.element.querySelectorAll(".picture.missing")).toHaveLength(1);
  });

  it("enlarges one, with its place, and moves on with the arrow keys", () => {
    const grid = new ExemplarGrid(contextOf(), "mid/x/1", "group 1", page);
    grid.element.querySelector<HTMLElement>("button.exemplar")?.click();
    const mark = dialog()?.querySelector<HTMLElement>(".patch-mark");
    expect([mark?.style.left, mark?.style.top, mark?.style.width, mark?.style.height]).toEqual([
      "10%",
      "10%",
      "50%",
      "25%",
    ]);
    expect(dialog()?.textContent).toContain("cat/<b>0</b>.png");
    expect(dialog()?.textContent).toContain("1 of 2");
    dialog()?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    expect(dialog()?.textContent).toContain("second");
    dialog()?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    expect(dialog()?.textContent).toContain("1 of 2");
  });
});
