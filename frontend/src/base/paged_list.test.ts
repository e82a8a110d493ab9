import { beforeEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../testing/server";
import { Problem } from "../api/client";
import { type Page, PagedList } from "./paged_list";

const place = document.createElement("div");
const button = (name: string) =>
  [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name);

beforeEach(() => document.body.replaceChildren(place));

describe("a list that loads page by page", () => {
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

  it("loads the next page on a click, and focuses its first item", async () => {
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

  it("keeps its rows if a page fails, and retries the same page", async () => {
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

  it("says so if it is empty, or becomes empty", async () => {
    const { list, paged } = made(() => Promise.resolve({ items: ["a"], next: null }));
    await paged.refresh();
    expect(paged.foot.textContent).toBe("");
    list.replaceChildren();
    paged.changed();
    expect(paged.foot.textContent).toBe("None yet.");
  });

  it("ignores the response to an earlier request", async () => {
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

  it("loads pages until the wanted number of items is there", async () => {
    const wanted: number[] = [];
    const list = document.createElement("ul");
    const paged = new PagedList<string>(list, {
      page: (cursor, _signal, count) => {
        wanted.push(count);
        return Promise.resolve({ items: ["x", "y"], next: cursor === "3" ? null : String(wanted.length + 1) });
      },
      row: item,
    });
    await paged.refresh(3);
    expect(wanted).toEqual([3, 1]);
    expect(list.childElementCount).toBe(4);
    await paged.refresh();
    expect(list.childElementCount).toBe(2);
  });

  it("keeps its rows if a refresh fails, and removes them if a restart fails", async () => {
    let down = false;
    const { list, paged } = made(() =>
      down
        ? Promise.reject(new Problem(503, "Not now", "In a moment."))
        : Promise.resolve({ items: ["a"], next: null }),
    );
    await paged.refresh();
    down = true;
    await paged.refresh();
    expect(list.textContent).toBe("a");
    const failed = paged.restart();
    expect(list.textContent).toBe("a");
    expect(list.getAttribute("aria-busy")).toBe("true");
    await failed;
    expect(list.textContent).toBe("");
    expect(list.hasAttribute("aria-busy")).toBe(false);
    expect(paged.foot.textContent).toContain("In a moment.");
  });

  it("moves rows that stay, and keeps the focus in them", async () => {
    const rows = new Map(["a", "b", "c", "d"].map((name) => [name, item(name)]));
    const answers = [
      ["a", "b", "c"],
      ["d", "b", "a"],
    ];
    const list = document.createElement("ul");
    const page = () => Promise.resolve({ items: answers.shift() ?? [], next: null });
    const paged = new PagedList<string>(list, { page, row: (name) => rows.get(name) ?? null });
    place.replaceChildren(list, paged.foot);
    await paged.refresh();
    rows.get("b")?.querySelector("button")?.focus();
    await paged.refresh();
    expect(list.textContent).toBe("dba");
    expect(document.activeElement?.textContent).toBe("b");
  });

  it("moves the focus from a row that is removed to the next one", async () => {
    const { list, paged } = made(() => Promise.resolve({ items: ["a", "b"], next: null }));
    await paged.refresh();
    const [first, second] = list.children;
    first?.querySelector("button")?.focus();
    paged.remove(first as Element);
    expect(document.activeElement?.textContent).toBe("b");
    paged.remove(second as Element);
    expect(paged.foot.textContent).toBe("None yet.");
  });

  it("loads ahead of the scroll position, without moving the focus", async () => {
    const observers: { near: IntersectionObserverCallback; margin: string | undefined; observed: Element[] }[] = [];
    vi.stubGlobal(
      "IntersectionObserver",
      class {
        private readonly made: (typeof observers)[number];
        constructor(near: IntersectionObserverCallback, options: IntersectionObserverInit) {
          this.made = { near, margin: options.rootMargin, observed: [] };
          observers.push(this.made);
        }
        observe(element: Element) {
          this.made.observed = [element];
        }
        disconnect() {
          this.made.observed = [];
        }
      },
    );
    const life = new AbortController();
    const list = document.createElement("ul");
    const page = (cursor: string | null) => Promise.resolve(pages[cursor ?? ""] as Page<string>);
    const paged = new PagedList<string>(list, { page, row: item, ahead: "600px" }, life.signal);
    vi.unstubAllGlobals();
    place.replaceChildren(list, paged.foot);
    await paged.refresh();
    const [observer] = observers;
    expect(observer?.margin).toBe("600px");
    expect(observer?.observed).toEqual([button("Show more")]);
    const entry = (isIntersecting: boolean) => [{ isIntersecting }] as IntersectionObserverEntry[];
    observer?.near(entry(false), {} as IntersectionObserver);
    await settled();
    expect(list.childElementCount).toBe(2);
    observer?.near(entry(true), {} as IntersectionObserver);
    await settled();
    expect(list.childElementCount).toBe(4);
    expect(observer?.observed).toEqual([]);
    expect(document.activeElement).toBe(document.body);
  });

  it("shows an element if it is empty", async () => {
    const empty = document.createElement("section");
    const list = document.createElement("ul");
    const page = () => Promise.resolve({ items: [], next: null });
    const paged = new PagedList<string>(list, { page, row: item, none: () => empty });
    await paged.refresh();
    expect(paged.foot.firstChild).toBe(empty);
  });
});
