import { beforeEach, describe, expect, it } from "vitest";
import { exampleCard, exampleJob } from "../../testing/circuit_cards";
import { CardGrid } from "./card_grid";

const cards = (...ids: string[]) => ids.map((id) => exampleCard({ id, name: id }));
const names = (grid: CardGrid) => [...grid.element.querySelectorAll("h2")].map((title) => title.textContent);

describe("the grid of cards", () => {
  beforeEach(() => document.body.replaceChildren());

  it("keeps elements and focus of what stays when others come and go", () => {
    const grid = new CardGrid();
    document.body.append(grid.element);
    grid.showAll(cards("a", "b", "c"));
    const link = grid.element.querySelectorAll<HTMLElement>(".card-name")[1];
    link?.focus();
    grid.showAll(cards("new", "b", "c", "d"));
    expect(names(grid)).toEqual(["new", "b", "c", "d"]);
    expect(document.activeElement).toBe(link);
    expect(grid.element.querySelectorAll(".card-name")[1]).toBe(link);
  });

  it("shows cards in another order", () => {
    const grid = new CardGrid();
    grid.showAll(cards("a", "b", "c"));
    grid.showAll(cards("c", "a", "b"));
    expect(names(grid)).toEqual(["c", "a", "b"]);
    expect(grid.items.map(({ id }) => id)).toEqual(["c", "a", "b"]);
  });

  it("appends a page, and no card twice", () => {
    const grid = new CardGrid();
    grid.showAll(cards("a", "b"));
    expect(grid.append(cards("b", "c"))?.data.id).toBe("c");
    expect(names(grid)).toEqual(["a", "b", "c"]);
  });

  it("moves the focus on from a card that is deleted", () => {
    const grid = new CardGrid();
    document.body.append(grid.element);
    grid.showAll(cards("a", "b"));
    grid.element.querySelector<HTMLElement>(".card-name")?.focus();
    grid.remove("a");
    expect(document.activeElement?.textContent).toBe("b");
  });

  it("says whether a job is of a card", () => {
    const grid = new CardGrid();
    grid.showAll(cards("a"));
    expect(grid.showJob(exampleJob({ subject: "a" }))).toBe(true);
    expect(grid.showJob(exampleJob({ subject: "z" }))).toBe(false);
  });
});
