import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exampleCard, exampleJob } from "../../testing/circuit_cards";
import { type Asked, ExampleStream, Status, serve, settled } from "../../testing/server";
import type { CardData } from "./circuit_card";
import { GalleryPage } from "./gallery_page";

const named = { items: [{ id: "resnet-4tqw1", name: "ResNet" }], next: null };
let life: AbortController;
let page: GalleryPage;
let asked: Asked[];

function start(circuits: (url: URL) => unknown, address = "/"): Promise<void> {
  history.replaceState({}, "", address);
  asked = serve({
    "GET /api/v1/circuits": circuits,
    "GET /api/v1/networks": () => named,
    "GET /api/v1/datasets": () => named,
    "DELETE /api/v1/circuits/cat-7k2m9": () => new Status(204, null),
    "POST /api/v1/circuits/cat-7k2m9/recompute": () => exampleCard({ state: "queued" }),
  });
  page = new GalleryPage(life.signal);
  document.body.replaceChildren(page.element);
  return settled();
}

const lists = () => asked.filter(({ url }) => url.pathname === "/api/v1/circuits");
const titles = () => [...page.element.querySelectorAll(".circuit-card h2")].map((title) => title.textContent);
const button = (text: string, within: ParentNode = document) =>
  [...within.querySelectorAll("button")].find(({ textContent }) => textContent === text) as HTMLButtonElement;
const found = (...items: CardData[]) => ({ items, next: null });

describe("the gallery", () => {
  beforeEach(() => {
    life = new AbortController();
    ExampleStream.install();
    vi.stubGlobal("scrollTo", () => undefined);
  });
  afterEach(() => {
    life.abort();
    vi.unstubAllGlobals();
  });

  it("requests what its address says", async () => {
    await start(() => found(exampleCard()), "/?q=ca&network=resnet-4tqw1&state=open&sort=name");
    expect(lists()[0]?.url.searchParams.getAll("state")).toEqual(["queued", "running"]);
    expect(lists()[0]?.url.searchParams.get("network")).toBe("resnet-4tqw1");
    expect(page.element.querySelector<HTMLInputElement>("input[type=search]")?.value).toBe("ca");
    expect(titles()).toEqual(["cat"]);
  });

  it("writes a filter to the address, and goes back from it", async () => {
    await start(() => found(exampleCard()));
    page.element.querySelector<HTMLButtonElement>(".card-class")?.click();
    await settled();
    expect(location.search).toBe("?class=cat");
    expect(lists().at(-1)?.url.searchParams.get("class")).toBe("cat");
    history.replaceState({}, "", "/");
    window.dispatchEvent(new PopStateEvent("popstate"));
    await settled();
    expect(lists().at(-1)?.url.searchParams.has("class")).toBe(false);
  });

  it("says what to do if there are no circuits", async () => {
    await start(() => found());
    expect(page.element.textContent).toContain("No circuits yet");
    expect(page.element.querySelector('.message a[href="/circuits/new"]')).not.toBeNull();
    expect(button("Import circuit", page.element.querySelector(".message") as Element)).toBeDefined();
  });

  it("offers to clear filters that match nothing", async () => {
    await start((url) => (url.searchParams.has("q") ? found() : found(exampleCard())), "/?q=zebra");
    expect(page.element.textContent).toContain("No circuits found");
    button("Clear filters", page.element.querySelector(".message") as Element).click();
    await settled();
    expect(location.search).toBe("");
    expect(titles()).toEqual(["cat"]);
  });

  it("shows the next page after the first", async () => {
    const pages: Record<string, unknown> = {
      "": { items: [exampleCard()], next: "two" },
      two: found(exampleCard({ id: "dog-11111", name: "dog" })),
    };
    await start((url) => pages[url.searchParams.get("cursor") ?? ""]);
    button("Show more").click();
    await settled();
    expect(titles()).toEqual(["cat", "dog"]);
    expect(button("Show more")).toBeUndefined();
    expect(document.activeElement?.textContent).toBe("dog");
  });

  it("follows jobs, and gives a finished circuit its cover without a reload", async () => {
    let card = exampleCard({ state: "queued", cover: [], counts: null, computed_at: null });
    await start(() => found(card));
    ExampleStream.last.tell(exampleJob());
    expect(page.element.textContent).toContain("Tracing layer layer3.1");
    card = exampleCard();
    ExampleStream.last.tell(exampleJob({ state: "succeeded" }), true);
    await vi.waitFor(() => expect(page.element.querySelectorAll(".card-cover img")).toHaveLength(2), 2000);
    expect(titles()).toEqual(["cat"]);
  });

  it("shows circuits that other users requested", async () => {
    let items = [exampleCard()];
    await start(() => found(...items));
    items = [exampleCard({ id: "dog-11111", name: "dog", state: "queued" }), ...items];
    ExampleStream.last.tell(exampleJob({ subject: "dog-11111", state: "queued" }));
    await vi.waitFor(() => expect(titles()).toEqual(["dog", "cat"]), 2000);
  });

  it("reports a lost connection, and loads the list again when it is back", async () => {
    await start(() => found(exampleCard()));
    const before = lists().length;
    ExampleStream.last.dispatchEvent(new Event("error"));
    expect(page.element.querySelector(".lost-connection")?.textContent).toContain("Connection lost");
    ExampleStream.last.dispatchEvent(new Event("open"));
    expect(page.element.querySelector(".lost-connection")?.textContent).toBe("");
    await vi.waitFor(() => expect(lists().length).toBe(before + 1), 2000);
  });

  it("says when the server cannot be reached, and tries again", async () => {
    let down = true;
    await start(() =>
      down ? new Status(503, { title: "Not available now", detail: "In a moment." }) : found(exampleCard()),
    );
    expect(page.element.textContent).toContain("Not available now");
    down = false;
    button("Try again").click();
    await settled();
    expect(titles()).toEqual(["cat"]);
  });

  it("recomputes a failed circuit", async () => {
    await start(() => found(exampleCard({ state: "failed" })));
    button("Recompute", page.element).click();
    await settled();
    expect(asked.at(-1)?.url.pathname).toBe("/api/v1/circuits/cat-7k2m9/recompute");
    expect(page.element.textContent).toContain("Queued");
  });

  it("deletes a circuit after a confirmation", async () => {
    await start(() => found(exampleCard()));
    page.element.querySelector<HTMLButtonElement>("[aria-haspopup=menu]")?.click();
    button("Delete…", page.element).click();
    expect(titles()).toEqual(["cat"]);
    button("Delete", document.querySelector("dialog") as Element).click();
    await settled();
    expect(titles()).toEqual([]);
  });
});
