import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { contextOf, INSPECTED } from "../../testing/image";
import { AnalysisView } from "./analysis_view";

const of = (root: HTMLElement, css: string) => [...root.querySelectorAll<HTMLElement>(css)];
const one = (root: HTMLElement, css: string) => {
  const found = root.querySelector<HTMLElement>(css);
  if (!found) throw new Error(`no ${css}`);
  return found;
};
const key = (target: HTMLElement, name: string, more: KeyboardEventInit = {}) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }));

function made() {
  const done: string[] = [];
  const view = new AnalysisView(contextOf(done));
  document.body.replaceChildren(view.element);
  const touched: (string[] | null)[] = [];
  view.on("touch", (groups) => touched.push(groups && [...groups]));
  return { view, done, touched, root: view.element, ground: one(view.element, ".lens-ground") };
}

beforeEach(() => {
  document.body.replaceChildren();
  // The sections below ask on their own.
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
});
afterEach(() => vi.unstubAllGlobals());

describe("an inspected image", () => {
  it("shows the prediction, and the circuit's class with it", () => {
    const { root } = made();
    const rows = of(root, ".lens-classes tbody tr").map((row) => row.textContent);
    expect(rows).toEqual(["<b>dog</b>75 %5.00", "bird6.3 %2.00", "cat & <i>co</i> this circuit’s class13 %2.50"]);
    expect(root.querySelector("b, i")).toBeNull();
  });

  it("lists the groups from the class down, and narrows the list", () => {
    const { root } = made();
    const rows = () => of(root, ".lens-row").map((row) => row.dataset.group);
    expect(rows()).toEqual(["fc/1", "mid/x/1", "mid/x/2", "low/1", "low/2"]);
    const [all, fires, silent] = of(root, ".lens-groups .segments button");
    fires?.click();
    expect(rows()).toEqual(["mid/x/1", "low/1"]);
    silent?.click();
    expect(rows()).toEqual(["fc/1", "low/2"]);
    expect(silent?.getAttribute("aria-pressed")).toBe("true");
    all?.click();
    expect(one(root, "[data-group='mid/x/1']").textContent).toContain("82M 1.30fires");
    expect(one(root, "[data-group='mid/x/2']").textContent).toContain("–");
  });

  it("selects and highlights groups from the list, and marks what is selected in the graph", () => {
    const { root, done, view } = made();
    const row = one(root, "[data-group='low/2']");
    row.dispatchEvent(new Event("pointerenter"));
    row.dispatchEvent(new Event("pointerleave"));
    row.click();
    expect(done).toEqual(["hover low/2", "hover null", "select low/2"]);
    view.choose(["low/2"]);
    expect(row.getAttribute("aria-pressed")).toBe("true");
    expect(one(root, ".lens-caption").textContent).toContain("group 2 in low");
    expect(of(root, ".lens-frame")).toHaveLength(1);
    view.hover(["mid/x/1"]);
    expect(one(root, ".lens-caption").textContent).toContain("group 1 in mid/x");
    view.hover([]);
    expect(one(root, ".lens-caption").textContent).toContain("group 2 in low");
  });

  it("shows which groups fire where the arrow keys go, until Escape", () => {
    const { root, touched, ground } = made();
    key(ground, "ArrowLeft");
    expect(touched.at(-1)).toEqual(["mid/x/1"]);
    for (let step = 0; step < 5; step++) key(ground, "ArrowUp", { shiftKey: true });
    for (let step = 0; step < 5; step++) key(ground, "ArrowLeft", { shiftKey: true });
    expect(touched.at(-1)).toEqual(["mid/x/1", "fc/1", "low/1"]);
    expect(of(root, ".lens-here-layer").map((layer) => layer.firstChild?.textContent)).toEqual(["fc", "mid/x", "low"]);
    expect(one(root, ".lens-here [role=status]").textContent).toBe("3 groups fire here:");
    key(ground, "Escape");
    expect(touched.at(-1)).toBeNull();
    expect(of(root, ".lens-here-layer")).toHaveLength(0);
  });

  it("keeps a clicked place while the pointer moves on", () => {
    const { root, touched, ground } = made();
    one(root, ".lens-area").getBoundingClientRect = () => new DOMRect(0, 0, 320, 320);
    const point = (name: string, clientX: number, clientY: number) =>
      ground.dispatchEvent(new MouseEvent(name, { clientX, clientY, bubbles: true }));
    point("pointermove", 300, 300);
    expect(touched).toEqual([["mid/x/1"]]);
    point("click", 10, 10);
    point("pointermove", 300, 300);
    ground.dispatchEvent(new Event("pointerleave"));
    expect(touched).toHaveLength(2);
    expect(touched.at(-1)).toContain("low/1");
    point("click", 10, 10);
    ground.dispatchEvent(new Event("pointerleave"));
    expect(touched.at(-1)).toBeNull();
  });

  it("frames what the network sees, and never stretches the image", () => {
    const { root, ground } = made();
    const { left, width } = one(root, ".lens-area").style;
    expect([left, width]).toEqual(["25%", "50%"]);
    expect(ground.style.getPropertyValue("--ratio")).toBe("2");
  });

  it("links each number's name to its definition", () => {
    const { root, done } = made();
    for (const term of of(root, ".lens-terms button")) term.click();
    expect(done).toEqual(["percentile", "score", "fires", "silent", "place"].map((term) => `define ${term}`));
  });

  it("lists groups of layers that the circuit no longer has last, and without pictures of others", () => {
    const groups = INSPECTED.reading.groups.map((group) => ({ ...group, layer: group.layer.replace("low", "old") }));
    const analysis = { ...INSPECTED, current: false, reading: { ...INSPECTED.reading, groups } };
    const { element } = new AnalysisView(contextOf([], analysis));
    expect(of(element, ".lens-groups h4").map((head) => head.firstChild?.textContent)).toEqual(["fc", "mid/x", "old"]);
    expect(of(element, ".lens-row img")).toHaveLength(0);
  });

  it("releases the pinned place", () => {
    const { root, touched, ground, view } = made();
    key(ground, "ArrowLeft");
    one(root, "[aria-label='Unpin the place']").click();
    expect(touched.at(-1)).toBeNull();
    key(ground, "ArrowLeft");
    view.release();
    expect(touched.at(-1)).toBeNull();
  });

  it("links to each of its parts", () => {
    const { root } = made();
    const links = of(root, ".lens-links button");
    expect(links[0]?.textContent).toBe("Groups");
    const fold = links.find((link) => link.textContent === "What if");
    fold?.click();
    expect(root.querySelector("details[open] h3")?.textContent).toBe("What if");
  });

  it("shows the true class if it is known", () => {
    const view = new AnalysisView(contextOf([], { ...INSPECTED, label: "<u>cat</u>" }));
    expect(view.element.textContent).toContain("True class: <u>cat</u>.");
  });
});
