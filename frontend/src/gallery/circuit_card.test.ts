import { describe, expect, it } from "vitest";
import { exampleCard, exampleJob } from "../../testing/circuit_cards";
import { type Action, CircuitCard } from "./circuit_card";

function acts(card: CircuitCard): Action[] {
  const heard: Action[] = [];
  card.on("act", (action) => heard.push(action));
  return heard;
}

function choices(card: CircuitCard): string[] {
  card.element.querySelector<HTMLButtonElement>("[aria-haspopup=menu]")?.click();
  return [...card.element.querySelectorAll("[role=menuitem]")].map((row) => row.textContent ?? "");
}

describe("a circuit's card", () => {
  it("shows class, size and cover", () => {
    const { element } = new CircuitCard(exampleCard());
    expect(element.querySelector("h2 a")?.getAttribute("href")).toBe("/circuits/cat-7k2m9");
    expect(element.textContent).toContain("41 groups in 5 layers");
    expect([...element.querySelectorAll("dd")].map((row) => row.textContent)).toEqual(["cat", "ResNet", "Photos"]);
    const covers = [...element.querySelectorAll("img")];
    expect(covers.map((image) => image.getAttribute("src"))).toEqual([
      "/api/v1/circuits/cat-7k2m9/files/aa",
      "/api/v1/circuits/cat-7k2m9/files/bb",
    ]);
    expect(covers.every((image) => image.getAttribute("loading") === "lazy")).toBe(true);
    expect(element.querySelector<HTMLElement>(".job-line")?.hidden).toBe(true);
  });

  it("shows user input as text only", () => {
    const { element } = new CircuitCard(exampleCard({ name: "<img src=x onerror=alert(1)>", cover: [] }));
    expect(element.querySelector("img")).toBeNull();
    expect(element.querySelector("h2")?.textContent).toBe("<img src=x onerror=alert(1)>");
  });

  it("shows a placeholder for a missing picture", () => {
    const { element } = new CircuitCard(exampleCard());
    element.querySelector("img")?.dispatchEvent(new Event("error"));
    expect(element.querySelectorAll(".picture.missing")).toHaveLength(1);
    expect(element.querySelectorAll("img")).toHaveLength(1);
  });

  it("shows its job's progress, and keeps its pictures", () => {
    const card = new CircuitCard(exampleCard({ state: "queued" }));
    const before = card.element.querySelector("img");
    card.showJob(exampleJob());
    const line = card.element.querySelector<HTMLElement>(".job-line");
    expect(line?.hidden).toBe(false);
    expect(line?.textContent).toContain("Tracing layer layer3.1");
    expect(line?.textContent).toContain("about 2 min left");
    expect(line?.querySelector("progress")?.value).toBe(0.46);
    expect(card.element.querySelector("img")).toBe(before);
    card.showJob(exampleJob({ state: "succeeded" }));
    expect(line?.hidden).toBe(true);
  });

  it("says why it failed, and offers to try again", () => {
    const problem = { type: "no-images", title: "Too few images", detail: "Only 3 of 400." };
    const job = { ...exampleCard().job, problem };
    const card = new CircuitCard(exampleCard({ state: "failed", job, computed_at: null, counts: null, cover: [] }));
    const heard = acts(card);
    expect(card.element.textContent).toContain("Too few images");
    expect(card.element.textContent).toContain("Only 3 of 400.");
    card.element.querySelector<HTMLButtonElement>(".card-state button")?.click();
    expect(heard).toEqual(["recompute"]);
  });

  it("has a menu, without “Recompute” if the circuit cannot be recomputed here", () => {
    const card = new CircuitCard(exampleCard());
    expect(choices(card)).toEqual(["Copy link", "Rename…", "Recompute", "Delete…"]);
    const heard = acts(card);
    card.element.querySelectorAll<HTMLButtonElement>("[role=menuitem]")[1]?.click();
    expect(heard).toEqual(["rename"]);
    expect(choices(new CircuitCard(exampleCard({ network: null, dataset: null })))).not.toContain("Recompute");
    expect(choices(new CircuitCard(exampleCard({ state: "running" })))).not.toContain("Recompute");
  });

  it("emits that only circuits of its class are wanted", () => {
    const card = new CircuitCard(exampleCard());
    const heard: string[] = [];
    card.on("ofClass", (name) => heard.push(name));
    card.element.querySelector<HTMLButtonElement>(".card-class")?.click();
    expect(heard).toEqual(["cat"]);
  });
});
