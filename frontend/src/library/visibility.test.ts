import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exampleDataset, exampleNetwork } from "../../testing/library_entries";
import { type Asked, ExampleStream, serve, settled } from "../../testing/server";
import { all, exampleMe } from "../../testing/users";
import { askWhoAmI, type Me } from "../account/me";
import { DatasetPage } from "./dataset_page";
import { ListPage } from "./list_page";
import { NetworkPage } from "./network_page";

const LOCAL = exampleMe({ id: null, role: "admin", auth: "none" });
let life: AbortController;
let asked: Asked[];

async function put(me: Me, make: () => { element: HTMLElement }, change = {}): Promise<HTMLElement> {
  asked = serve({
    "GET /api/v1/me": () => me,
    "GET /api/v1/spaces": () => all(),
    "GET /api/v1/networks": () => all(exampleNetwork()),
    "GET /api/v1/datasets": () => all(exampleDataset()),
    "GET /api/v1/networks/resnet-4tqw1": () => exampleNetwork(),
    "GET /api/v1/datasets/photos-2m9x4": () => exampleDataset(),
    "GET /api/v1/datasets/photos-2m9x4/images": () => all(),
    "GET /api/v1/evaluations": () => all(),
    "GET /api/v1/circuits": () => all(),
    ...change,
  });
  await askWhoAmI();
  const { element } = make();
  document.body.replaceChildren(element);
  await settled();
  return element;
}

const button = (text: string, root: ParentNode = document) =>
  [...root.querySelectorAll("button")].find(({ textContent }) => textContent === text);

beforeEach(() => {
  life = new AbortController();
  ExampleStream.install();
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
});
afterEach(() => {
  life.abort();
  vi.unstubAllGlobals();
});

describe("the visibility of a network or data set", () => {
  it("is shown and changed on its page, which says what its circuits still show", async () => {
    const change = (_: URL, body: unknown) => exampleDataset({ ...(body as object), wider_circuits: 2 });
    const page = () => new DatasetPage("photos-2m9x4", life.signal);
    const root = await put(exampleMe(), page, { "PATCH /api/v1/datasets/photos-2m9x4": change });
    expect(root.querySelector(".access-word")?.textContent).toBe("team");
    button("Visibility…", root)?.click();
    await settled();
    const dialog = document.querySelector("dialog") as HTMLDialogElement;
    expect(dialog.querySelector(".visibility-effects")?.textContent).toBe("Its circuits keep their own visibility.");
    const radio = dialog.querySelector<HTMLInputElement>("input[value=private]") as HTMLInputElement;
    radio.checked = true;
    button("Save", dialog)?.click();
    await settled();
    expect(asked.find(({ method }) => method === "PATCH")?.body).toEqual({ visibility: "private" });
    const words = "2 circuits show parts of it to users who cannot see it.";
    expect([...document.querySelectorAll(".toast")].map(({ textContent }) => textContent)).toContain(words);
  });

  it("stands on the page as long as circuits show more of it", async () => {
    const page = () => new NetworkPage("resnet-4tqw1", life.signal);
    const answer = { "GET /api/v1/networks/resnet-4tqw1": () => exampleNetwork({ wider_circuits: 1 }) };
    const root = await put(exampleMe(), page, answer);
    expect(root.querySelector(".entry-head")?.textContent).toContain("One circuit shows parts of it to users");
  });

  it("is for those who may change it, and for nobody without accounts", async () => {
    const page = () => new NetworkPage("resnet-4tqw1", life.signal);
    const theirs = { "GET /api/v1/networks/resnet-4tqw1": () => exampleNetwork({ may_change: false }) };
    const other = await put(exampleMe(), page, theirs);
    expect(other.querySelector<HTMLElement>(".head-ways")?.hidden).toBe(true);
    const local = await put(LOCAL, page);
    expect(button("Visibility…", local)?.hidden).toBe(true);
    expect(button("Rename…", local)?.closest<HTMLElement>(".head-ways")?.hidden).toBe(false);
    expect(local.querySelector(".access-word")).toBeNull();
  });

  it("is chosen when it is added", async () => {
    const post = { "POST /api/v1/datasets": () => exampleDataset() };
    const root = await put(exampleMe(), () => new ListPage("datasets", life.signal, () => undefined), post);
    const form = root.querySelector("form") as HTMLFormElement;
    (form.elements.namedItem("spec") as HTMLInputElement).value = "demo/photos";
    (form.elements.namedItem("visibility") as HTMLSelectElement).value = "private";
    form.dispatchEvent(new Event("submit", { cancelable: true }));
    await settled();
    const body = asked.find(({ method }) => method === "POST")?.body;
    expect(body).toEqual({ spec: "demo/photos", visibility: "private" });
    const local = await put(LOCAL, () => new ListPage("datasets", life.signal));
    expect(local.querySelector("[name=visibility]")).toBeNull();
  });
});
