import { afterEach, describe, expect, it } from "vitest";
import { type Command, listenToKeys } from "./keys";

const life = new AbortController();
afterEach(() => document.body.replaceChildren());
const heard: Command[] = [];
listenToKeys((command) => heard.push(command) > 0, life.signal);

function press(key: string, target: Element = document.body, more: KeyboardEventInit = {}): Command[] {
  heard.length = 0;
  document.body.append(...(target === document.body ? [] : [target]));
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  return [...heard];
}
const make = (tag: string, attributes: Record<string, string> = {}) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

describe("keys", () => {
  it("do what the list says", () => {
    expect(press("f")).toEqual(["fit"]);
    expect(press("/")).toEqual(["search"]);
    expect(press("[")).toEqual(["less"]);
    expect(press("ArrowUp")).toEqual(["up"]);
    expect(press("x")).toEqual([]);
  });

  it("do nothing while the user types, in a dialog, or with a modifier", () => {
    expect(press("f", make("input"))).toEqual([]);
    expect(press("f", make("textarea"))).toEqual([]);
    expect(press("f", make("input", { type: "range" }))).toEqual(["fit"]);
    expect(press("f", document.body, { ctrlKey: true })).toEqual([]);
    document.body.append(make("dialog", { open: "" }));
    expect(press("f")).toEqual([]);
  });

  it("leave Enter to buttons and arrows to sliders", () => {
    expect(press("Enter", make("button"))).toEqual([]);
    expect(press("Enter", make("div"))).toEqual(["open"]);
    expect(press("ArrowUp", make("input", { type: "range" }))).toEqual([]);
    expect(press("ArrowUp", make("div", { role: "separator" }))).toEqual([]);
  });
});
