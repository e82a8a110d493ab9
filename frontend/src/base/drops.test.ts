import { beforeEach, describe, expect, it } from "vitest";
import { Drops } from "./drops";

const image = new File(["x"], "cat.png", { type: "image/png" });
const text = new File(["x"], "notes.txt", { type: "text/plain" });

function made(ready = true) {
  const life = new AbortController();
  const drops = new Drops(() => ready, life.signal);
  const heard: string[] = [];
  drops.on("file", ({ name }) => heard.push(name));
  document.body.replaceChildren(drops.element);
  return { drops, heard, life };
}

function drag(name: string, data: object, target: Element = document.body): Event {
  const event = Object.assign(new Event(name, { bubbles: true, cancelable: true }), data);
  target.dispatchEvent(event);
  return event;
}

const files = { types: ["Files"], files: [image], dropEffect: "none" };

describe("dropping", () => {
  beforeEach(() => document.body.replaceChildren());

  it("shows where to drop while a file is over the page, and takes it", () => {
    const { drops, heard, life } = made();
    expect(drag("dragenter", { dataTransfer: files }).defaultPrevented).toBe(true);
    expect(drops.element.hidden).toBe(false);
    expect(drops.element.textContent).toBe("Drop the image to inspect it");
    drag("dragleave", { relatedTarget: null });
    expect(drops.element.hidden).toBe(true);
    drag("dragover", { dataTransfer: files });
    expect(drag("drop", { dataTransfer: files }).defaultPrevented).toBe(true);
    expect(drops.element.hidden).toBe(true);
    expect(heard).toEqual(["cat.png"]);
    life.abort();
    drag("drop", { dataTransfer: files });
    expect(heard).toHaveLength(1);
  });

  it("ignores what is not a file, and files while there is no circuit", () => {
    const { drops, heard, life } = made();
    expect(drag("dragover", { dataTransfer: { types: ["text/plain"], files: [] } }).defaultPrevented).toBe(false);
    expect(drops.element.hidden).toBe(true);
    life.abort();
    const idle = made(false);
    expect(drag("drop", { dataTransfer: files }).defaultPrevented).toBe(false);
    expect([...heard, ...idle.heard]).toEqual([]);
    idle.life.abort();
  });
});

describe("pasting", () => {
  it("takes an image, but no text, and nothing while the user types", () => {
    const { heard, life } = made();
    drag("paste", { clipboardData: { files: [text] } });
    expect(heard).toEqual([]);
    const field = document.createElement("input");
    document.body.append(field);
    drag("paste", { clipboardData: { files: [image] } }, field);
    expect(heard).toEqual([]);
    drag("paste", { clipboardData: { files: [text, image] } });
    expect(heard).toEqual(["cat.png"]);
    life.abort();
  });
});
