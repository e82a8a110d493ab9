import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CreatePage } from "./create_page";

const job = { id: "job-1", stage: null, fraction: 1, remaining_seconds: null, cancel_requested: false, problem: null };
const layer = (name: string, channels: number, preset = true) => ({
  name,
  kind: "block",
  channels,
  shape: [channels],
  default: preset,
});
const network = {
  id: "net-1",
  name: "Net",
  state: "succeeded",
  parameter_count: 5,
  input_size: 32,
  classes: ["cat", "dog"],
  layers: [layer("low", 4), layer("high", 8), layer("fc", 2)],
  job,
};
const label = (name: string) => ({ name, train: 1, test: 1, images: 2 });
const dataset = {
  id: "set-1",
  name: "Set",
  state: "succeeded",
  image_count: 4,
  classes: ["cat", "dog"].map(label),
  class_map: {},
  may_change: true,
  job,
};
const labelled = (index: number, name: string, labels: string[]) => {
  return { index, name, shown: name, labels, images: 2 * labels.length };
};
const shared = {
  labelled: true,
  classes: [labelled(0, "cat", ["cat"]), labelled(1, "dog", ["dog"])],
  unmatched: [] as unknown[],
};
const estimate = {
  images: 50,
  patches: 2950,
  layers: ["low", "high", "fc"],
  neurons: 9,
  seconds: null,
  measured: 0,
  narrower: [],
};
const me = { id: null, name: "local user", role: "admin", auth: "none" };
const circuit = { id: "cat-1", state: "succeeded", narrower: [], job };

let sent: { path: string; body: unknown }[] = [];
let answers: Record<string, unknown> = {};

async function server(request: Request): Promise<Response> {
  const path = `${request.method} ${new URL(request.url).pathname.replace("/api/v1", "")}`;
  if (request.method !== "GET") sent.push({ path, body: await request.json() });
  const body = path === "GET /me" ? me : answers[path];
  const headers = { "content-type": "application/json" };
  return new Response(JSON.stringify(body ?? { items: [], next: null }), { headers });
}

/** The body of the only request to `path`. An estimate can be sent before or after it. */
function bodyOf(path: string): unknown {
  const found = sent.filter((one) => one.path === path);
  expect(found).toHaveLength(1);
  return found[0]?.body;
}

async function opened(search = ""): Promise<HTMLElement> {
  history.replaceState(null, "", `/circuits/new${search}`);
  const root = document.createElement("main");
  document.body.replaceChildren(root);
  await new CreatePage(root).open();
  return root;
}

const input = (root: HTMLElement, value: string) => {
  const found = root.querySelector<HTMLInputElement>(`input[value="${value}"]`);
  if (!found) throw new Error(value);
  return found;
};

beforeEach(() => {
  sent = [];
  answers = {
    "GET /networks": { items: [network], next: null },
    "GET /networks/net-1": network,
    "GET /networks/net-1/classes": shared,
    "GET /datasets": { items: [dataset], next: null },
    "GET /datasets/set-1": dataset,
    "POST /circuits/estimate": estimate,
    "POST /circuits": circuit,
  };
  // For the whole file: what a page still asks for when its test is over stays with this server.
  vi.stubGlobal("fetch", server);
});
afterEach(() => sessionStorage.clear());

describe("CreatePage", () => {
  it("chooses the only network and data set, and writes the choices to the address", async () => {
    const root = await opened();
    expect(root.querySelector(".start-told")?.textContent).toContain("Choose a class.");
    input(root, "dog").click();
    input(root, "low").click();
    expect(location.search).toBe("?network=net-1&dataset=set-1&class=dog&layer=high");
  });

  it("restores the choices from the address, and names the removed ones", async () => {
    const root = await opened("?class=cat&layer=high&layer=gone&tau=8");
    expect(input(root, "cat").checked).toBe(true);
    expect(input(root, "low").checked).toBe(false);
    expect(root.querySelector<HTMLInputElement>("#parameter-tau")?.value).toBe("8");
    expect(root.textContent).toContain("this network does not have it: gone");
    const parameters = expect.objectContaining({ tau: 8, layers: ["high"] });
    const asked = expect.objectContaining({ class: "cat", parameters });
    await vi.waitFor(() => expect(sent.map(({ body }) => body)).toContainEqual(asked));
  });

  it("opens the circuit, whose page says that it already existed", async () => {
    const assign = vi.spyOn(location, "assign").mockImplementation(() => {});
    const root = await opened("?class=cat");
    root.querySelector<HTMLButtonElement>("button.primary")?.click();
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith("/circuits/cat-1"));
    expect(bodyOf("POST /circuits")).toMatchObject({ network: "net-1", dataset: "set-1", class: "cat" });
    expect([...Object.values(sessionStorage)].join()).toContain("already exists");
  });

  it("requests several circuits at once, and opens the gallery", async () => {
    answers["POST /circuits/batch"] = { items: [circuit, circuit] };
    const assign = vi.spyOn(location, "assign").mockImplementation(() => {});
    const root = await opened("?several=1&class=cat&class=dog");
    expect(root.querySelector("button.primary")?.textContent).toBe("Compute 2 circuits");
    root.querySelector<HTMLButtonElement>("button.primary")?.click();
    await vi.waitFor(() => expect(assign).toHaveBeenCalledWith("/"));
    expect(bodyOf("POST /circuits/batch")).toMatchObject({ classes: ["cat", "dog"] });
  });

  it("requests nothing until a label is mapped to a class", async () => {
    const kitty = { name: "kitty", images: 2, reason: "The network has no class of this name." };
    const nothing = [labelled(0, "cat", []), labelled(1, "dog", [])];
    answers["GET /networks/net-1/classes"] = { labelled: true, classes: nothing, unmatched: [kitty] };
    answers["PATCH /datasets/set-1"] = { ...dataset, class_map: { kitty: "cat" } };
    const root = await opened("?class=cat");
    const start = root.querySelector<HTMLButtonElement>("button.primary");
    expect(start?.disabled).toBe(true);
    expect(root.querySelector(".start-told")?.textContent).toContain("Map a label to a class first.");
    expect(root.textContent).toContain("no image of the data set is labelled with it: cat");
    const field = root.querySelector<HTMLInputElement>("[aria-label='Class of the label kitty']");
    if (!field) throw new Error("no field");
    const classes = [labelled(0, "cat", ["kitty"]), labelled(1, "dog", [])];
    answers["GET /networks/net-1/classes"] = { labelled: true, classes, unmatched: [] };
    answers["GET /datasets/set-1"] = answers["PATCH /datasets/set-1"];
    field.value = "cat";
    field.dispatchEvent(new Event("change"));
    await vi.waitFor(() => expect(input(root, "cat")).toBeDefined());
    expect(sent).toContainEqual({ path: "PATCH /datasets/set-1", body: { class_map: { kitty: "cat" } } });
    input(root, "cat").click();
    expect(start?.disabled).toBe(false);
  });

  it("says what to add if there are no networks and data sets", async () => {
    answers = {};
    const root = await opened();
    const links = [...root.querySelectorAll("a")].map((link) => link.getAttribute("href"));
    expect(links).toEqual(["/networks", "/datasets"]);
  });

  it("says so if the address names something that does not exist", async () => {
    const root = await opened("?network=gone");
    expect(root.textContent).toContain("The network “gone” does not exist.");
    expect(root.querySelector(".start-told")?.textContent).toContain("Choose a network.");
  });
});
