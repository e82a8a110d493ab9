import { beforeEach, describe, expect, it } from "vitest";
import { Menu } from "./menu";

function made() {
  const menu = new Menu("cat", () => [
    { name: "copy", label: "Copy" },
    { name: "delete", label: "Delete", danger: true },
  ]);
  document.body.replaceChildren(menu.element);
  const button = menu.element.querySelector("button") as HTMLButtonElement;
  const list = menu.element.querySelector("[role=menu]") as HTMLElement;
  const press = (key: string) =>
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  return { menu, button, list, press };
}

describe("a menu", () => {
  beforeEach(() => document.body.replaceChildren());

  it("opens on its first item, and the arrow keys move in a circle", () => {
    const { button, list, press } = made();
    button.click();
    expect(list.hidden).toBe(false);
    expect(document.activeElement?.textContent).toBe("Copy");
    press("ArrowUp");
    expect(document.activeElement?.textContent).toBe("Delete");
    press("ArrowDown");
    expect(document.activeElement?.textContent).toBe("Copy");
  });

  it("closes with Escape, and returns the focus to its button", () => {
    const { button, list, press } = made();
    button.click();
    press("Escape");
    expect(list.hidden).toBe(true);
    expect(document.activeElement).toBe(button);
    expect(button.getAttribute("aria-expanded")).toBe("false");
  });

  it("closes on a click elsewhere", () => {
    const { button, list } = made();
    button.click();
    document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    expect(list.hidden).toBe(true);
  });

  it("emits what was chosen", () => {
    const { menu, button, list } = made();
    const heard: string[] = [];
    menu.on("choose", (name) => heard.push(name));
    button.click();
    list.querySelectorAll("button")[1]?.click();
    expect(heard).toEqual(["delete"]);
    expect(list.hidden).toBe(true);
  });
});
