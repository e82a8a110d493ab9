import { beforeEach, describe, expect, it } from "vitest";
import { settled } from "../../testing/server";
import { Problem } from "../api/client";
import { type Page, PagedList } from "./paged_list";

const place = document.createElement("div");
const button = (name: string) =>
  [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name);

beforeEach(() => document.body.replaceChildren(place));

describe("a list that comes page by page", () => {
  const item = (text: string) => {
    const row = document.createElement("li");
    row.append(Object.assign(document.createElement("button"), { textContent: text }));
    return row;
  };
  const pages: Record<string, Page<string>> = {
    "": { items: ["a", "left out"], next: "2" },
    "2": { items: ["b", "c"], next: null },
  };

  function made(page: (cursor: string | null) => Promise<Page<string>>) {
    const list = document.createElement("ul");
    const row = (text: string) => (text === "left out" ? null : item(text));
    const paged = new PagedList<string>(list, { page, row, none: () => "None yet." });
    place.replaceChildren(list, paged.foot);
    return { list, paged };
  }

  it("brings the next page at a press, and goes on with its first item", async () => {
    const { list, paged } = made((cursor) => Promise.resolve(pages[cursor ?? ""] as Page<string>));
    await paged.refresh();
    expect(list.textContent).toBe("a");
    expect(document.activeElement).toBe(document.body);
    button("Show more")?.click();
    await settled();
    expect(list.textContent).toBe("abc");
    expect(document.activeElement?.textContent).toBe("b");
    expect(button("Show more")).toBeUndefined();
    await paged.refresh();
    expect(list.textContent).toBe("a");
  });

  it("keeps what is there where a page fails, and asks for the same one again", async () => {
    const asked: (string | null)[] = [];
    const { list, paged } = made((cursor) => {
      asked.push(cursor);
      if (asked.length === 2) return Promise.reject(new Problem(0, "No connection", "It cannot be reached."));
      return Promise.resolve(pages[cursor ?? ""] as Page<string>);
    });
    await paged.refresh();
    button("Show more")?.click();
    await settled();
    expect(list.textContent).toBe("a");
    expect(paged.foot.textContent).toContain("It cannot be reached.");
    button("Try again")?.click();
    await settled();
    expect(asked).toEqual([null, "2", "2"]);
    expect(list.textContent).toBe("abc");
  });

  it("says where there is nothing, and where nothing is left", async () => {
    const { list, paged } = made(() => Promise.resolve({ items: ["a"], next: null }));
    await paged.refresh();
    expect(paged.foot.textContent).toBe("");
    list.replaceChildren();
    paged.changed();
    expect(paged.foot.textContent).toBe("None yet.");
  });

  it("forgets an answer that comes after another was asked for", async () => {
    const answers: ((page: Page<string>) => void)[] = [];
    const { list, paged } = made(() => new Promise((resolve) => answers.push(resolve)));
    void paged.refresh();
    void paged.refresh();
    answers[1]?.({ items: ["new"], next: null });
    await settled();
    answers[0]?.({ items: ["old"], next: null });
    await settled();
    expect(list.textContent).toBe("new");
  });
});
