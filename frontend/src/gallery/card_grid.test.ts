import { beforeEach, describe, expect, it } from "vitest";
import { exampleCard, exampleJob } from "../../testing/circuit_cards";
import { settled } from "../../testing/server";
import { PagedList } from "../base/paged_list";
import { CardGrid } from "./card_grid";
import type { CardData } from "./circuit_card";

const cards = (...ids: string[]) => ids.map((id) => exampleCard({ id, name: id }));
/** The grid as the gallery fills it. */
function listed(...pages: string[][]) {
  const grid = new CardGrid();
  document.body.append(grid.element);
  const page = () => Promise.resolve({ items: cards(...(pages.shift() ?? [])), next: pages.length ? "next" : null });
  const list = new PagedList(grid.element, { page, row: (item: CardData) => grid.put(item) });
  document.body.append(list.foot);
  return { grid, list };
}

const names = (grid: CardGrid) => [...grid.element.querySelectorAll("h2")].map((title) => title.textContent);

describe("the grid of cards", () => {
  beforeEach(() => document.body.replaceChildren());

  it("keeps the element and focus of a card when others are added and removed", async () => {
    const { grid, list } = listed(["a", "b", "c"], ["new", "b", "c", "d"]);
    await list.refresh();
    const link = grid.element.querySelectorAll<HTMLElement>(".card-name")[1];
    link?.focus();
    await list.refresh();
    expect(names(grid)).toEqual(["new", "b", "c", "d"]);
    expect(document.activeElement).toBe(link);
    expect(grid.element.querySelectorAll(".card-name")[1]).toBe(link);
  });

  it("shows cards in another order", async () => {
    const { grid, list } = listed(["a", "b", "c"], ["c", "a", "b"]);
    await list.refresh();
    await list.refresh();
    expect(names(grid)).toEqual(["c", "a", "b"]);
    expect(grid.items.map(({ id }) => id).sort()).toEqual(["a", "b", "c"]);
  });

  it("appends a page without duplicates", async () => {
    const { grid, list } = listed(["a", "b"], ["b", "c"]);
    await list.refresh();
    list.foot.querySelector("button")?.click();
    await settled();
    expect(names(grid)).toEqual(["a", "b", "c"]);
  });

  it("moves the focus from a deleted card to the next one", async () => {
    const { grid, list } = listed(["a", "b"]);
    await list.refresh();
    grid.element.querySelector<HTMLElement>(".card-name")?.focus();
    list.remove(grid.cellOf("a") as HTMLElement);
    expect(document.activeElement?.textContent).toBe("b");
    expect(grid.cellOf("a")).toBeNull();
    expect(grid.items.map(({ id }) => id)).toEqual(["b"]);
  });

  it("tells whether the circuit of a job has a card", async () => {
    const { grid, list } = listed(["a"]);
    await list.refresh();
    expect(grid.showJob(exampleJob({ subject: "a" }))).toBe(true);
    expect(grid.showJob(exampleJob({ subject: "z" }))).toBe(false);
  });
});
