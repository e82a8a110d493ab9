import { describe, expect, it, vi } from "vitest";
import { FilterBar } from "./filter_bar";
import { EVERYTHING, type GalleryQuery } from "./gallery_query";

function made(query: GalleryQuery = EVERYTHING) {
  const bar = new FilterBar(query);
  const heard: { query: GalleryQuery; typing: boolean }[] = [];
  bar.on("change", (change) => heard.push(change));
  const field = <T extends HTMLElement>(label: string) => bar.element.querySelector<T>(`[aria-label="${label}"]`) as T;
  return { bar, heard, field };
}

describe("the gallery's filters", () => {
  it("wait until the user stops typing", () => {
    vi.useFakeTimers();
    const { heard, field } = made();
    const words = field<HTMLInputElement>("Search names and classes");
    for (const text of ["c", "ca", "cat "]) {
      words.value = text;
      words.dispatchEvent(new Event("input"));
    }
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(300);
    expect(heard).toEqual([{ query: { ...EVERYTHING, q: "cat" }, typing: true }]);
    vi.useRealTimers();
  });

  it("offer networks and data sets, and keep ids from the address", () => {
    const { bar, field } = made({ ...EVERYTHING, network: "gone-12345" });
    bar.setNetworks([{ id: "resnet-4tqw1", name: "ResNet" }]);
    const network = field<HTMLSelectElement>("Network");
    expect([...network.options].map(({ text }) => text)).toEqual(["Any network", "ResNet", "gone-12345"]);
    expect(network.value).toBe("gone-12345");
  });

  it("can be cleared at once, without changing the order", () => {
    const { bar, heard } = made({ ...EVERYTHING, q: "cat", state: "failed", sort: "name" });
    const clear = [...bar.element.querySelectorAll("button")].at(-1) as HTMLButtonElement;
    expect(clear.hidden).toBe(false);
    clear.click();
    expect(heard).toEqual([{ query: { ...EVERYTHING, sort: "name" }, typing: false }]);
    expect(clear.hidden).toBe(true);
  });

  it("emit nothing when nothing has changed", () => {
    const { heard, field } = made();
    field<HTMLSelectElement>("State").dispatchEvent(new Event("change"));
    expect(heard).toEqual([]);
  });
});

describe("the filter by owner or space", () => {
  it("is hidden without accounts", () => {
    expect(made().field<HTMLSelectElement>("Owner or space").hidden).toBe(true);
  });

  it("offers the user and their spaces, and keeps ids from the address", () => {
    const { bar, heard, field } = made({ ...EVERYTHING, space: "gone-12345" });
    bar.setWhose("anna-7k2m9", [{ id: "lab-7k2m9", name: "<b>Lab</b>" }]);
    const whose = field<HTMLSelectElement>("Owner or space");
    expect([...whose.options].map(({ text }) => text)).toEqual(["Any owner", "Mine", "In <b>Lab</b>", "in gone-12345"]);
    expect(whose.querySelector("b")).toBeNull();
    for (const at of [1, 2]) {
      whose.selectedIndex = at;
      whose.dispatchEvent(new Event("change"));
    }
    expect(heard.map(({ query }) => [query.owner, query.space])).toEqual([
      ["anna-7k2m9", ""],
      ["", "lab-7k2m9"],
    ]);
  });
});
