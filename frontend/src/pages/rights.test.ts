import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exampleCard } from "../../testing/circuit_cards";
import { smallCircuit } from "../../testing/random_circuits";
import { type Asked, serve, settled, Status } from "../../testing/server";
import { all, exampleMe, exampleSpace, HOSTILE } from "../../testing/users";
import { askWhoAmI, type Me, Rights } from "../account/me";
import { accessNote, askVisibility } from "../account/visibility_dialog";
import { HeadLine } from "../explorer/head_line";
import { CircuitCard } from "../gallery/circuit_card";

const ANNA = { id: "anna-7k2m9", name: "Anna" };
const BOB = { id: "bob-4tqw1", name: "Bob" };
const LAB = { id: "lab-7k2m9", name: "Lab" };

const choices = (root: ParentNode) => {
  root.querySelector<HTMLButtonElement>("[aria-haspopup=menu]")?.click();
  return [...root.querySelectorAll("[role=menuitem]")].map((row) => row.textContent);
};
const button = (text: string) =>
  [...document.querySelectorAll("button")].find(({ textContent }) => textContent === text) as HTMLButtonElement;

beforeEach(() => document.body.replaceChildren());
afterEach(() => vi.unstubAllGlobals());

describe("the rights of a user", () => {
  it("depend on the role, and for a circuit on what the server allows", () => {
    expect([new Rights().mayMake, new Rights(null).mayMake]).toEqual([true, false]);
    const mine = exampleCard({ owner: ANNA, may_change: true });
    const theirs = exampleCard({ owner: BOB, may_change: false });
    for (const [role, makes] of [
      ["editor", true],
      ["viewer", false],
    ] as const) {
      const rights = new Rights(exampleMe({ role }));
      expect([rights.mayMake, rights.isMine(mine), rights.isMine(theirs)]).toEqual([makes, true, false]);
    }
  });
});

describe("a card", () => {
  it("shows no owners without accounts", () => {
    const card = new CircuitCard(exampleCard());
    expect(card.element.textContent).not.toContain("Seen by");
    expect(choices(card.element)).not.toContain("Visibility…");
  });

  it("offers a viewer only to open it, and its owner everything", () => {
    const failed = exampleCard({ owner: ANNA, state: "failed" });
    const viewer = new CircuitCard({ ...failed, may_change: false }, new Rights(exampleMe({ role: "viewer" })));
    expect(choices(viewer.element)).toEqual(["Copy link"]);
    expect(viewer.element.querySelector(".card-state button")).toBeNull();
    const owner = new CircuitCard(failed, new Rights(exampleMe()));
    expect(choices(owner.element)).toContain("Visibility…");
    const open = exampleCard({ owner: BOB, state: "running", may_change: false });
    const stranger = new CircuitCard(open, new Rights(exampleMe()));
    expect(stranger.element.querySelector<HTMLElement>(".job-cancel")?.hidden).toBe(true);
  });
});

describe("who sees a circuit", () => {
  it("is a word with its meaning, and names are text", () => {
    const rights = new Rights(exampleMe());
    const note = accessNote(
      exampleCard({ owner: { ...BOB, name: HOSTILE }, space: { ...LAB, name: HOSTILE } }),
      rights,
    );
    expect(note.querySelector("img")).toBeNull();
    expect(note.querySelector(".access-word")?.getAttribute("title")).toContain(`Members of ${HOSTILE} can see it.`);
    const mine = accessNote(exampleCard({ owner: ANNA, visibility: "private" }), rights);
    expect(mine.textContent).toBe("privateyours");
    const beyond = accessNote(exampleCard({ narrower: ["dataset"] }), rights).querySelector(".access-beyond");
    expect(beyond?.textContent).toBe("wider than its sources");
    expect(beyond?.getAttribute("title")).toBe(
      "Some users who can see this circuit cannot see its data set “Photos”. " +
        "They still see the images that the circuit was traced with.",
    );
  });
});

describe("the dialog that changes it", () => {
  let asked: Asked[];
  const start = async (patch: (url: URL, body: unknown) => unknown, me: Me = exampleMe()) => {
    asked = serve({
      "GET /api/v1/me": () => me,
      "GET /api/v1/spaces": () => all(exampleSpace()),
      "GET /api/v1/spaces/lab-7k2m9": () => exampleSpace(),
      "GET /api/v1/circuits/cat-7k2m9/narrower": (url: URL) => ({
        narrower: url.searchParams.get("visibility") === "public" ? ["network", "dataset"] : [],
      }),
      "PATCH /api/v1/circuits/cat-7k2m9": patch,
    });
    await askWhoAmI();
    const answer = askVisibility(exampleCard({ owner: ANNA }));
    await settled();
    return answer;
  };
  const choose = (value: string) => {
    const radio = document.querySelector<HTMLInputElement>(`dialog input[value=${value}]`);
    if (!radio) throw new Error(value);
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const body = () => asked.find(({ method }) => method === "PATCH")?.body;

  it("offers the spaces that the user can edit, and sends the choice", async () => {
    const answer = start((_, sent) => exampleCard(sent as object));
    await settled();
    const space = document.querySelector<HTMLSelectElement>("dialog select");
    expect([...(space?.options ?? [])].map(({ text }) => text)).toEqual(["No space", "Lab"]);
    choose("private");
    button("Save").click();
    expect(await answer).toMatchObject({ visibility: "private" });
    expect(body()).toEqual({ visibility: "private" });
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("sends the space if it changed", async () => {
    const answer = start((_, sent) => exampleCard({ visibility: (sent as { visibility: "team" }).visibility }));
    await settled();
    const space = document.querySelector("dialog select") as HTMLSelectElement;
    space.value = LAB.id;
    space.dispatchEvent(new Event("change", { bubbles: true }));
    expect(document.querySelector("dialog")?.textContent).toContain("Editors of Lab can change it.");
    button("Save").click();
    await answer;
    expect(body()).toEqual({ visibility: "team", space: LAB.id });
  });

  it("says before and after if more users see the circuit than its network and data set", async () => {
    const answer = start((_, sent) => exampleCard({ ...(sent as object), narrower: ["network"] }));
    await settled();
    const told = () => document.querySelector("dialog .visibility-effects")?.textContent;
    expect(told()).toBe("");
    choose("public");
    await settled();
    expect(told()).toContain("Some users who could see it cannot see its network and its data set.");
    expect(asked.some(({ url }) => url.search === "?visibility=public")).toBe(true);
    button("Save").click();
    await answer;
    expect(document.querySelector(".toast")?.textContent).toContain("cannot see its network “ResNet”");
  });

  it("stays open with the choice if the request fails", async () => {
    const answer = start(() => new Status(403, { title: "Not allowed", detail: "it is not yours to change" }));
    await settled();
    choose("public");
    button("Save").click();
    await settled();
    expect(document.querySelector("dialog [role=alert]")?.textContent).toBe("it is not yours to change");
    expect(document.querySelector<HTMLInputElement>("dialog input[value=public]")?.checked).toBe(true);
    button("Cancel").click();
    expect(await answer).toBeNull();
  });
});

describe("the explorer's head", () => {
  const shown = async (me: Me, change: object) => {
    serve({ "GET /api/v1/me": () => me });
    await askWhoAmI();
    const head = new HeadLine();
    document.body.replaceChildren(head.element);
    head.show({
      ...smallCircuit().overview,
      visibility: "team",
      owner: null,
      space: null,
      may_change: true,
      ...change,
    });
    await settled();
    return head.element;
  };

  it("shows the visibility, and offers only what the user can do", async () => {
    const mine = await shown(exampleMe(), { owner: ANNA });
    expect(mine.querySelector(".access-note")?.textContent).toBe("teamyours");
    expect(choices(mine)).toContain("Visibility…");
    const other = await shown(exampleMe({ role: "viewer" }), { owner: BOB, may_change: false });
    expect(choices(other)).toEqual(["Copy link"]);
    expect(other.querySelector<HTMLElement>("[title=Rename]")?.hidden).toBe(true);
  });

  it("offers everything without accounts", async () => {
    const head = await shown(exampleMe({ id: null, role: "admin", auth: "none" }), {});
    expect(head.querySelector(".access-note")?.closest("li")?.hidden).toBe(true);
    expect(choices(head)).toEqual(["Copy link", "Rename", "Recompute", "Delete"]);
    expect(head.querySelector<HTMLElement>("[title=Rename]")?.hidden).toBe(false);
  });
});
