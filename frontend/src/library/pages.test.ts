import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exampleJob } from "../../testing/circuit_cards";
import { exampleDataset, exampleEvaluation, exampleImage, exampleNetwork } from "../../testing/library_entries";
import { type Asked, ExampleStream, Status, serve, settled } from "../../testing/server";
import { DatasetPage } from "./dataset_page";
import { ListPage } from "./list_page";
import { NetworkPage } from "./network_page";
import { placeOf } from "./registry";

const all = (...items: unknown[]) => ({ items, next: null });
const NETWORK = "/api/v1/networks/resnet-4tqw1";
const DATASET = "/api/v1/datasets/photos-2m9x4";
let life: AbortController;
let asked: Asked[];

function answers(change: Parameters<typeof serve>[0] = {}): void {
  asked = serve({
    "GET /api/v1/networks": () => all(exampleNetwork()),
    "GET /api/v1/datasets": () => all(exampleDataset()),
    [`GET ${NETWORK}`]: () => exampleNetwork(),
    [`GET ${DATASET}`]: () => exampleDataset(),
    [`GET ${DATASET}/images`]: () => all(exampleImage(), exampleImage({ position: 4, prediction: null })),
    "GET /api/v1/evaluations": () => all(exampleEvaluation()),
    "GET /api/v1/evaluations/resnet-on-photos-1": () => ({
      ...exampleEvaluation(),
      classes: [{ name: "cat", images: 100, accuracy: 0.5 }],
    }),
    "GET /api/v1/circuits": () => all(),
    ...change,
  });
}

async function shown<T extends { element: HTMLElement }>(page: T): Promise<T> {
  document.body.replaceChildren(page.element);
  await settled();
  return page;
}

const button = (text: string) =>
  [...document.querySelectorAll("button")].find(({ textContent }) => textContent === text) as HTMLButtonElement;

beforeEach(() => {
  life = new AbortController();
  ExampleStream.install();
  history.replaceState({}, "", "/");
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  answers();
});
afterEach(() => {
  life.abort();
  vi.unstubAllGlobals();
});

describe("the library's addresses", () => {
  it("are those of a list, or of an entry", () => {
    expect(placeOf("/networks")).toEqual({ kind: "networks", id: null });
    expect(placeOf("/datasets/photos-2m9x4")).toEqual({ kind: "datasets", id: "photos-2m9x4" });
  });
});

describe("a list", () => {
  it("shows the state of each network", async () => {
    const { element } = await shown(new ListPage("networks", life.signal));
    expect(element.querySelector(".entry-name")?.getAttribute("href")).toBe("/networks/resnet-4tqw1");
    expect(element.querySelector(".entry-row")?.textContent).toContain(
      "ready12 million parameters, input 224 × 2240f0f0f0f0f0f",
    );
  });

  it("opens its forms if it is empty", async () => {
    answers({ "GET /api/v1/datasets": () => all() });
    const { element } = await shown(new ListPage("datasets", life.signal));
    expect(element.querySelector("details")?.open).toBe(true);
    expect(element.textContent).toContain("No data sets yet");
  });

  it("follows inspections, and loads their results", async () => {
    const job = exampleJob({ kind: "inspect_network", subject: "resnet-4tqw1", stage: "loading", id: "job-1" });
    answers({
      "GET /api/v1/networks": () => all(exampleNetwork({ state: "queued", digest: null, parameter_count: null })),
    });
    const { element } = await shown(new ListPage("networks", life.signal));
    ExampleStream.last.tell(job);
    expect(element.textContent).toContain("Loading network");
    answers();
    ExampleStream.last.tell({ ...job, state: "succeeded" }, true);
    await vi.waitFor(() => expect(element.textContent).toContain("12 million parameters"), 2000);
  });

  it("opens the added entry", async () => {
    answers({ "POST /api/v1/datasets": (_url, body) => exampleDataset({ spec: (body as { spec: string }).spec }) });
    const went: string[] = [];
    const { element } = await shown(new ListPage("datasets", life.signal, (address) => went.push(address)));
    const form = element.querySelector("form") as HTMLFormElement;
    (form.elements.namedItem("spec") as HTMLInputElement).value = "demo/photos";
    form.dispatchEvent(new Event("submit", { cancelable: true }));
    await settled();
    expect(went).toEqual(["/datasets/photos-2m9x4"]);
  });
});

describe("a network's page", () => {
  it("shows layers from the top down, classes, input, and accuracy", async () => {
    const { element } = await shown(new NetworkPage("resnet-4tqw1", life.signal));
    expect([...element.querySelectorAll(".rung code")].map(({ textContent }) => textContent)).toEqual([
      "fc",
      "layer1",
      "conv1",
    ]);
    expect(element.querySelectorAll(".rung.default")).toHaveLength(2);
    expect(element.querySelector(".class-rows a")?.getAttribute("href")).toBe("/?network=resnet-4tqw1&class=cat");
    expect(element.querySelector(".input-facts")?.textContent).toContain("0.485, 0.456, 0.406");
    expect(element.querySelector(".accuracy")?.textContent).toContain("93.4 %");
  });

  it("starts an evaluation, and shows its progress", async () => {
    let cards = [] as unknown[];
    answers({
      "GET /api/v1/evaluations": () => all(...cards),
      "POST /api/v1/evaluations": () => {
        cards = [exampleEvaluation({ state: "queued", accuracy: null })];
        return cards[0];
      },
    });
    const { element } = await shown(new NetworkPage("resnet-4tqw1", life.signal));
    const choice = element.querySelector<HTMLSelectElement>(".accuracy select") as HTMLSelectElement;
    choice.value = "photos-2m9x4";
    choice.dispatchEvent(new Event("change"));
    button("Evaluate").click();
    await settled();
    expect(asked.find(({ method }) => method === "POST")?.body).toEqual({
      network: "resnet-4tqw1",
      dataset: "photos-2m9x4",
    });
    expect(element.querySelector(".accuracy")?.textContent).toContain("Queued");
    cards = [exampleEvaluation()];
    ExampleStream.last.tell(exampleJob({ kind: "evaluate", subject: "resnet-on-photos-1", state: "succeeded" }), true);
    await settled();
    expect(element.querySelector(".accuracy")?.textContent).toContain("93.4 %");
  });

  it("says why its inspection failed, and runs it again", async () => {
    const problem = { type: "bad", title: "No such weights", detail: "torchvision knows no resnet18:X" };
    answers({
      [`GET ${NETWORK}`]: () =>
        exampleNetwork({ state: "failed", layers: [], classes: [], job: { ...exampleNetwork().job, problem } }),
      [`POST ${NETWORK}/inspect`]: () => exampleNetwork({ state: "queued", layers: [] }),
    });
    const { element } = await shown(new NetworkPage("resnet-4tqw1", life.signal));
    expect(element.textContent).toContain("torchvision knows no resnet18:X");
    button("Re-run").click();
    await settled();
    expect(asked.some(({ method, url }) => method === "POST" && url.pathname.endsWith("/inspect"))).toBe(true);
  });

  it("says why it cannot be deleted", async () => {
    answers({ [`DELETE ${NETWORK}`]: () => new Status(409, { title: "Conflict", detail: "3 circuits use it" }) });
    await shown(new NetworkPage("resnet-4tqw1", life.signal));
    button("Delete…").click();
    button("Delete").click();
    await settled();
    expect(document.querySelector(".toast.bad")?.textContent).toBe("3 circuits use it");
  });

  it("links to the list if the network does not exist", async () => {
    const { element } = await shown(new NetworkPage("gone-12345", life.signal));
    expect(element.querySelector('a[href="/networks"]')?.textContent).toBe("All networks");
  });
});

describe("a data set's page", () => {
  it("shows images with their predictions", async () => {
    const { element } = await shown(new DatasetPage("photos-2m9x4", life.signal));
    const images = asked.filter(({ url }) => url.pathname.endsWith("/images"));
    expect(images[0]?.url.searchParams.get("network")).toBe("resnet-4tqw1");
    expect(element.querySelector(".image-grid .wrong")?.textContent).toBe("cat✗ dog 61 %");
    expect(element.querySelector(".class-table")?.textContent).toContain("50 %");
  });

  it("writes class and outcome to the address, and restores them", async () => {
    const { element } = await shown(new DatasetPage("photos-2m9x4", life.signal));
    element.querySelector<HTMLButtonElement>('[data-name="cat"]')?.click();
    const outcome = element.querySelector<HTMLSelectElement>('[aria-label="Outcome"]') as HTMLSelectElement;
    outcome.value = "wrong";
    outcome.dispatchEvent(new Event("change"));
    await settled();
    const query = new URLSearchParams(location.search);
    expect([query.get("class"), query.get("outcome")]).toEqual(["cat", "wrong"]);
    expect(asked.at(-1)?.url.searchParams.get("outcome")).toBe("wrong");
    history.replaceState({}, "", "/");
    window.dispatchEvent(new PopStateEvent("popstate"));
    await settled();
    expect(outcome.value).toBe("");
    expect(asked.at(-1)?.url.searchParams.has("class")).toBe(false);
  });

  it("offers to clear filters that match no image", async () => {
    history.replaceState({}, "", "/?outcome=wrong&network=resnet-4tqw1");
    answers({ [`GET ${DATASET}/images`]: (url) => (url.searchParams.has("outcome") ? all() : all(exampleImage())) });
    const { element } = await shown(new DatasetPage("photos-2m9x4", life.signal));
    expect(element.textContent).toContain("No images found");
    button("Clear filters").click();
    await settled();
    expect(element.querySelectorAll(".image-grid li")).toHaveLength(1);
  });
});
