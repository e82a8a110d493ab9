import { describe, expect, it } from "vitest";
import { h } from "./dom";
import { Tabs } from "./tabs";

describe("tabs", () => {
  it("show one panel, and the arrow keys move in a circle", () => {
    const panels = [h("div", {}), h("div", {})];
    const tabs = new Tabs("Panel", [
      { name: "one", label: "One", panel: panels[0] as HTMLElement },
      { name: "two", label: "Two", panel: panels[1] as HTMLElement },
    ]);
    document.body.replaceChildren(tabs.element, ...panels);
    const heard: string[] = [];
    tabs.on("choose", (name) => {
      heard.push(name);
      tabs.show(name);
    });
    tabs.show("one");
    const [one, two] = [...tabs.element.querySelectorAll("button")];
    expect(panels.map((panel) => panel.hidden)).toEqual([false, true]);
    expect([one?.tabIndex, two?.tabIndex]).toEqual([0, -1]);
    expect(two?.getAttribute("aria-controls")).toBe(panels[1]?.id);
    one?.focus();
    one?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
    expect(document.activeElement).toBe(two);
    expect(heard).toEqual(["two"]);
    expect(panels.map((panel) => panel.hidden)).toEqual([true, false]);
  });
});
