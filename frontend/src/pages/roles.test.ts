import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exampleCard } from "../../testing/circuit_cards";
import { exampleDataset, exampleNetwork } from "../../testing/library_entries";
import { type Asked, ExampleStream, Status, serve, settled } from "../../testing/server";
import { all, exampleMe, exampleSpace } from "../../testing/users";
import { askWhoAmI, type Me } from "../account/me";
import { CreatePage } from "../create/create_page";
import { requestCircuits } from "../create/sources";
import { GalleryPage } from "../gallery/gallery_page";
import { ListPage } from "../library/list_page";
import { NetworkPage } from "../library/network_page";

const ANNA = { id: "anna-7k2m9", name: "Anna" };
const READY = { network: "resnet-4tqw1", dataset: "photos-2m9x4", classes: ["cat"], parameters: {} };
const PRIVATE = { visibility: "private" as const, space: null };
let life: AbortController;
let asked: Asked[];

async function as(me: Me | null, answers: Parameters<typeof serve>[0] = {}): Promise<void> {
  asked = serve({
    "GET /api/v1/me": () => me ?? new Status(401, {}),
    "GET /api/v1/circuits": () => all(exampleCard({ owner: ANNA })),
    "GET /api/v1/networks": () => all(exampleNetwork()),
    "GET /api/v1/networks/resnet-4tqw1": () => exampleNetwork(),
    "GET /api/v1/datasets": () => all(exampleDataset()),
    "GET /api/v1/datasets/photos-2m9x4": () => exampleDataset(),
    "GET /api/v1/datasets/photos-2m9x4/images": () => all(),
    "GET /api/v1/evaluations": () => all(),
    "GET /api/v1/spaces": () => all(exampleSpace()),
    "GET /api/v1/spaces/lab-7k2m9": () => exampleSpace(),
    ...answers,
  });
  await askWhoAmI();
}

async function put(page: { element: HTMLElement }): Promise<HTMLElement> {
  document.body.replaceChildren(page.element);
  await settled();
  return page.element;
}

/** What the user can see to press or to follow. */
const offered = (root: ParentNode) =>
  [...root.querySelectorAll<HTMLElement>("button, a, summary")]
    .filter((element) => !element.closest("[hidden]"))
    .map(({ textContent }) => textContent);

beforeEach(() => {
  life = new AbortController();
  ExampleStream.install();
  history.replaceState({}, "", "/");
  vi.stubGlobal("scrollTo", () => undefined);
});
afterEach(() => {
  life.abort();
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

describe("a viewer", () => {
  it("can open circuits, and is not offered to create one", async () => {
    await as(exampleMe({ role: "viewer" }));
    const root = await put(new GalleryPage(life.signal));
    expect(offered(root)).not.toContain("New circuit");
    expect(offered(root)).not.toContain("Import circuit");
    await as(exampleMe());
    expect(offered(await put(new GalleryPage(life.signal)))).toContain("New circuit");
  });

  it("is told who can create circuits if there are none", async () => {
    await as(exampleMe({ role: "viewer" }), {
      "GET /api/v1/circuits": () => all(),
      "GET /api/v1/networks": () => all(),
    });
    const gallery = await put(new GalleryPage(life.signal));
    expect(gallery.querySelector(".message a, .message button")).toBeNull();
    expect((await put(new ListPage("networks", life.signal))).textContent).toContain("Editors can add one.");
  });

  it("can open networks, and change none", async () => {
    const changes = ["Rename…", "Re-run", "Delete…", "New circuit", "Evaluate"];
    await as(exampleMe({ role: "viewer" }));
    const list = await put(new ListPage("networks", life.signal));
    expect(offered(list)).not.toContain("New network");
    const one = offered(await put(new NetworkPage("resnet-4tqw1", life.signal)));
    expect(changes.filter((label) => one.includes(label))).toEqual([]);
    await as(exampleMe());
    expect(offered(await put(new ListPage("networks", life.signal)))).toContain("New network");
    const editor = offered(await put(new NetworkPage("resnet-4tqw1", life.signal)));
    expect(changes.filter((label) => editor.includes(label))).toEqual(changes);
  });

  it("is told that computing needs another role", async () => {
    await as(exampleMe({ role: "viewer" }));
    const root = document.createElement("main");
    await new CreatePage(root).open();
    expect(root.textContent).toContain("Ask an administrator");
    expect(asked.filter(({ url }) => url.pathname !== "/api/v1/me")).toEqual([]);
  });
});

describe("the page of a new circuit", () => {
  const opened = async () => {
    const root = document.createElement("main");
    document.body.replaceChildren(root);
    await new CreatePage(root).open();
    await settled();
    return root;
  };

  it("asks for the visibility only if there are accounts", async () => {
    await as(exampleMe());
    const step = (await opened()).querySelector<HTMLElement>(".visibility-fields");
    expect(step?.querySelector<HTMLInputElement>("input:checked")?.value).toBe("team");
    expect([...(step?.querySelectorAll("option") ?? [])].map(({ text }) => text)).toEqual(["No space", "Lab"]);
    await as(exampleMe({ id: null, role: "admin", auth: "none" }));
    expect((await opened()).querySelector(".visibility-fields")).toBeNull();
  });
});

describe("a requested circuit", () => {
  const sent = () => asked.filter(({ method }) => method === "POST").map(({ body }) => body);
  const toast = () => sessionStorage.getItem("neurflow-toast") ?? "";
  const answered = (change: Parameters<typeof exampleCard>[0]) =>
    exampleCard({ state: "queued", owner: ANNA, visibility: "private", ...change });
  afterEach(() => sessionStorage.clear());

  it("has the chosen visibility from the start", async () => {
    await as(exampleMe(), { "POST /api/v1/circuits": () => new Status(202, answered({})) });
    expect(await requestCircuits(READY as never, false, PRIVATE)).toBe("/circuits/cat-7k2m9");
    expect(sent()).toMatchObject([PRIVATE]);
    expect(asked.some(({ method }) => method === "PATCH")).toBe(false);
    expect(toast()).toBe("");
  });

  it("keeps its visibility if it existed before, and the user is told", async () => {
    await as(exampleMe(), { "POST /api/v1/circuits": () => answered({ visibility: "team" }) });
    await requestCircuits(READY as never, false, PRIVATE);
    expect(toast()).toContain("Its visibility is unchanged.");
    const items = [answered({}), answered({ id: "dog-1", visibility: "public" })];
    await as(exampleMe(), { "POST /api/v1/circuits/batch": () => ({ items }) });
    await requestCircuits(READY as never, true, PRIVATE);
    expect(sent()).toMatchObject([PRIVATE]);
    expect(toast()).toContain("The visibility of 1 circuit is unchanged.");
  });
});
