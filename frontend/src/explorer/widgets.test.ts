import { beforeEach, describe, expect, it, vi } from "vitest";
import { smallCircuit, stateOf } from "../../testing/random_circuits";
import { buildView } from "../circuit/model/visible";
import { FilterBar } from "./filter_bar";
import { InspectorPanel } from "./inspector_panel";
import { Legend } from "./legend";
import { Notices } from "./notices";
import { Summary } from "./summary";
import { CircuitTable } from "./table";
import { type Action, Toolbar } from "./toolbar";

const circuit = smallCircuit();
const view = buildView(circuit, new Map(), stateOf());
const NOTHING = { canExpand: false, expanded: false, isSuper: false, legend: false, explained: false, marking: false };
const button = (root: HTMLElement, name: string) => {
  const found = [...root.querySelectorAll("button")].find((each) => each.textContent?.startsWith(name));
  if (!found) throw new Error(`no button ${name}`);
  return found;
};

beforeEach(() => localStorage.clear());

describe("the toolbar", () => {
  it("shows what is pressed, and turns merge into split", () => {
    const toolbar = new Toolbar();
    const heard: Action[] = [];
    toolbar.on("action", (action) => heard.push(action));
    toolbar.show(stateOf({ show: "table" }), { ...NOTHING, isSuper: true });
    expect(button(toolbar.element, "Table").getAttribute("aria-pressed")).toBe("true");
    expect(button(toolbar.element, "Expand").disabled).toBe(true);
    button(toolbar.element, "Split").click();
    button(toolbar.element, "Graph").click();
    expect(heard).toEqual(["split", "graph"]);
  });
});

describe("the filters", () => {
  it("emit each change, and start paths around the selected group", () => {
    const bar = new FilterBar();
    const heard = vi.fn();
    bar.on("change", heard);
    bar.show({ circuit, state: stateOf(), view, node: "mid/1", found: null });
    expect(bar.counts.textContent).toBe("5 groups · 5 edges");
    const [sign, around] = [...bar.element.querySelectorAll("select")];
    if (!sign || !around) throw new Error("no fields");
    sign.value = "negative";
    sign.dispatchEvent(new Event("change"));
    around.value = "down";
    around.dispatchEvent(new Event("change"));
    expect(heard.mock.calls).toEqual([[{ sign: "negative" }], [{ around: { node: "mid/1", direction: "down" } }]]);
  });
});

describe("the table", () => {
  it("has a row for each node, sorts by its headers, and selects", () => {
    const table = new CircuitTable();
    const select = vi.fn();
    table.on("select", select);
    table.show({ circuit, view, only: null, selected: "mid/1", marked: new Set(), lit: null, noted: new Map() });
    const names = () => [...table.element.querySelectorAll("tbody th")].map((cell) => cell.textContent);
    expect(names()).toEqual(["class cat", "group 1", "group 2", "group 1", "group 2"]);
    expect(table.element.querySelector("[aria-current]")?.textContent).toContain("group 1mid");
    button(table.element, "Contribution").click();
    expect(table.element.querySelector("[aria-sort=descending]")?.textContent).toBe("Contribution");
    table.element.querySelectorAll<HTMLElement>("tbody tr")[1]?.click();
    expect(select).toHaveBeenCalledWith("mid/1");
    const heads = () =>
      [...table.element.querySelectorAll("th[scope=col]")].filter((head) => !(head as HTMLElement).hidden);
    expect(heads()).toHaveLength(8);
    const mark = { lit: "silent" as const, score: 0.25, percentile: 4.4, probability: null };
    table.show({
      circuit,
      view,
      only: null,
      selected: null,
      marked: new Set(),
      lit: new Map([["mid/1", mark]]),
      noted: new Map([["mid/1", 2]]),
    });
    expect(heads()).toHaveLength(10);
    expect(table.element.textContent).toContain("group 12 notesmid0.254 silent");
    table.show({ circuit, view, only: new Set(), selected: null, marked: new Set(), lit: null, noted: new Map() });
    expect(table.element.textContent).toContain("No groups match");
    table.destroy();
  });
});

describe("the explanation", () => {
  it("names and links the strongest groups, and stays hidden once dismissed", () => {
    const summary = new Summary();
    const select = vi.fn();
    summary.on("select", select);
    summary.show(circuit);
    expect(summary.element.textContent).toContain("group 1 of mid 60 %");
    button(summary.element, "group 1 of mid").click();
    expect(select).toHaveBeenCalledWith("mid/1");
    button(summary.element, "✕").click();
    const again = new Summary();
    again.show(circuit);
    expect(again.element.hidden).toBe(true);
  });
});

describe("the panel", () => {
  it("is resized by keys, hidden, and fills the page", () => {
    const panel = new InspectorPanel();
    const width = vi.fn();
    panel.on("width", width);
    panel.show(stateOf({ inspector: 400 }));
    panel.handle.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft" }));
    expect(width).toHaveBeenCalledWith(424);
    panel.show(stateOf({ inspector: 0 }));
    expect(panel.element.hidden).toBe(true);
    panel.show(stateOf({ inspector: 0, full: "inspector" }));
    expect([panel.element.hidden, panel.handle.hidden]).toEqual([false, true]);
  });
});

describe("the tabs of the panel", () => {
  it("show the inspector or an image, and are visible on narrow screens for an image only", () => {
    const panel = new InspectorPanel();
    const tab = vi.fn();
    panel.on("tab", tab);
    panel.show(stateOf());
    const hidden = () => [panel.body, panel.image].map((body) => body.parentElement?.hidden);
    expect(hidden()).toEqual([false, true]);
    expect(panel.element.classList.contains("chosen")).toBe(false);
    button(panel.element, "Image").click();
    expect(tab).toHaveBeenCalledWith("image");
    panel.show(stateOf({ panel: "image" }));
    expect(hidden()).toEqual([true, false]);
    expect(panel.element.classList.contains("chosen")).toBe(true);
  });
});

describe("the legend", () => {
  it("explains an image's marks while one is open", () => {
    const legend = new Legend();
    const told = () => [...legend.element.querySelectorAll("dl")].filter((list) => !list.hidden).length;
    expect(told()).toBe(1);
    legend.explainsImage = true;
    expect(told()).toBe(2);
  });
});

describe("notices", () => {
  it("are shown once, offer an action, and can be removed", () => {
    const notices = new Notices();
    const again = vi.fn();
    notices.say("load", "It failed.", [{ label: "Try again", to: again }]);
    notices.say("load", "It failed.", [{ label: "Try again", to: again }]);
    expect(notices.element.children).toHaveLength(1);
    button(notices.element, "Try again").click();
    expect(again).toHaveBeenCalledTimes(1);
    expect(notices.element.children).toHaveLength(0);
  });
});
