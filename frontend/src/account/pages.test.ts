import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Asked, Status, serve, settled } from "../gallery/example_server";
import { AccountPage } from "./account_page";
import { ActivityPage } from "./activity_page";
import { all, exampleMe, exampleSpace, exampleToken, exampleUser, HOSTILE } from "./example_people";
import type { Me } from "./me";
import { UsersPage } from "./users_page";

const SECRET = "nf_7k2m9x4tqw_SECRET";
let asked: Asked[];

async function shown(
  Page: new (me: Me) => { element: HTMLElement },
  me: Me,
  answers: Parameters<typeof serve>[0] = {},
) {
  asked = serve({
    "GET /api/v1/tokens": () => all(exampleToken({ name: HOSTILE })),
    "GET /api/v1/spaces": () => all(exampleSpace()),
    "GET /api/v1/spaces/lab-7k2m9": () => exampleSpace(),
    "GET /api/v1/users": () => all(exampleUser(), exampleUser({ id: "anna-7k2m9", name: "Anna", role: "admin" })),
    ...answers,
  });
  const page = new Page(me);
  document.body.replaceChildren(page.element);
  await settled();
  return page.element;
}

const button = (text: string, within: ParentNode = document) => {
  const found = [...within.querySelectorAll("button")].find(({ textContent }) => textContent === text);
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
const form = (label: string) => document.querySelector(`form[aria-label="${label}"]`) as HTMLFormElement;
const fill = (within: ParentNode, name: string, value: string) => {
  const field = within.querySelector<HTMLInputElement>(`[name="${name}"]`);
  if (!field) throw new Error(`no field ${name}`);
  field.value = value;
};
const send = async (of: HTMLFormElement) => {
  of.requestSubmit();
  await settled();
};
const last = (method: string) => asked.filter((each) => each.method === method).at(-1);

beforeEach(() => history.replaceState({}, "", "/account"));
afterEach(() => vi.unstubAllGlobals());

describe("one's account", () => {
  it("says who one is, and shows names as text only", async () => {
    const root = await shown(AccountPage, exampleMe({ name: HOSTILE }));
    expect(root.querySelector("img")).toBeNull();
    expect(root.textContent).toContain("anna-7k2m9");
    expect(root.querySelector(".token-list strong")?.textContent).toBe(HOSTILE);
  });

  it("changes the password, and empties the form", async () => {
    await shown(AccountPage, exampleMe(), { "PUT /api/v1/me/password": () => new Status(204, null) });
    fill(form("Another password"), "current", " old one ");
    fill(form("Another password"), "new", "correct horse");
    fill(form("Another password"), "again", "correct horse");
    await send(form("Another password"));
    expect(last("PUT")?.body).toEqual({ current: " old one ", new: "correct horse" });
    expect(form("Another password").querySelector("input")?.value).toBe("");
    expect(document.body.textContent).toContain("The password is changed.");
  });

  it("asks for nothing where the new password is short or differs, and says what is refused", async () => {
    const refused = new Status(422, { title: "A value does not fit", detail: "current is not your present password" });
    await shown(AccountPage, exampleMe(), { "PUT /api/v1/me/password": () => refused });
    const one = form("Another password");
    fill(one, "current", "x");
    fill(one, "new", "short");
    fill(one, "again", "short");
    await send(one);
    expect(one.textContent).toContain("Choose at least 10 characters.");
    fill(one, "new", "correct horse");
    fill(one, "again", "correct house");
    await send(one);
    expect(one.textContent).toContain("The two differ.");
    expect(last("PUT")).toBeUndefined();
    fill(one, "again", "correct horse");
    await send(one);
    expect(one.querySelector(".form-error")?.textContent).toBe("Current is not your present password.");
    expect(one.querySelector<HTMLInputElement>("[name=new]")?.value).toBe("correct horse");
  });

  it("has no password where a provider lets people in", async () => {
    await shown(AccountPage, exampleMe({ auth: "oidc" }));
    expect(form("Another password")).toBeNull();
  });

  it("shows a new token once, and never again", async () => {
    const write = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText: write } });
    const root = await shown(AccountPage, exampleMe(), {
      "POST /api/v1/tokens": () => ({ ...exampleToken({ id: "new", name: "CI" }), token: SECRET }),
    });
    const scopes = [...form("A new token").querySelectorAll("[name=scope] option")];
    expect(scopes.map((option) => option.getAttribute("value"))).toEqual(["read", "write"]);
    fill(form("A new token"), "name", "CI");
    fill(form("A new token"), "days", "never");
    await send(form("A new token"));
    expect(last("POST")?.body).toEqual({ name: "CI", scope: "read", days: null });
    expect(root.querySelector(".secret")?.textContent).toBe(SECRET);
    expect(root.querySelector(".token-list")?.textContent).not.toContain(SECRET);
    button("Copy").click();
    await settled();
    expect(write).toHaveBeenCalledWith(SECRET);
    button("I have kept it").click();
    expect(document.documentElement.textContent).not.toContain(SECRET);
    expect(root.querySelectorAll(".token-list li")).toHaveLength(2);
  });

  it("revokes a token once it was asked whether it should", async () => {
    const root = await shown(AccountPage, exampleMe(), {
      "DELETE /api/v1/tokens/7k2m9x4tqw": () => new Status(204, null),
    });
    button("Revoke…", root).click();
    expect(last("DELETE")).toBeUndefined();
    button("Revoke", document.querySelector("dialog") as Element).click();
    await settled();
    expect(last("DELETE")?.url.pathname).toBe("/api/v1/tokens/7k2m9x4tqw");
    expect(root.querySelector(".token-list")?.childElementCount).toBe(0);
    expect(root.textContent).toContain("None yet.");
  });

  it("says calmly what cannot be read", async () => {
    const down = () => new Status(503, { title: "Not available now", detail: "In a moment." });
    const root = await shown(AccountPage, exampleMe(), { "GET /api/v1/tokens": down, "GET /api/v1/spaces": down });
    expect(root.querySelectorAll(".message[role=alert]")).toHaveLength(2);
  });
});

describe("spaces", () => {
  const open = async (root: HTMLElement) => {
    const fold = root.querySelector("details.space") as HTMLDetailsElement;
    fold.open = true;
    fold.dispatchEvent(new Event("toggle"));
    await settled();
  };

  it("are made by editors, not by viewers", async () => {
    const viewer = await shown(AccountPage, exampleMe({ role: "viewer" }));
    expect(viewer.querySelector('form[aria-label="A new team space"]')?.closest("details")?.hidden).toBe(true);
    const root = await shown(AccountPage, exampleMe(), {
      "POST /api/v1/spaces": () => exampleSpace({ id: "new-1", name: "New" }),
    });
    fill(form("A new team space"), "name", "New");
    await send(form("A new team space"));
    expect(last("POST")?.body).toEqual({ name: "New", kind: "team" });
    expect(root.querySelector("details.space strong")?.textContent).toBe("New");
  });

  it("let who administers them choose members, and put back what is refused", async () => {
    const root = await shown(AccountPage, exampleMe(), {
      "PUT /api/v1/spaces/lab-7k2m9/members/bob-4tqw1": () => new Status(409, { title: "No", detail: "not now" }),
      "PUT /api/v1/spaces/lab-7k2m9/members/cid-1": () => exampleSpace({ members: [] }),
    });
    await open(root);
    const role = root.querySelector('select[aria-label="Role of Bob in Lab"]') as HTMLSelectElement;
    role.value = "editor";
    role.dispatchEvent(new Event("change"));
    await settled();
    expect(role.value).toBe("viewer");
    expect(document.body.textContent).toContain("not now");
    fill(form("Take somebody into Lab"), "user", "cid-1");
    fill(form("Take somebody into Lab"), "role", "editor");
    await send(form("Take somebody into Lab"));
    expect(last("PUT")?.body).toEqual({ role: "editor" });
    expect(asked.some(({ url }) => url.pathname === "/api/v1/users")).toBe(false);
  });

  it("let others look and leave, and their names are text", async () => {
    const members = [
      { user: "anna-7k2m9", name: "Anna", role: "viewer" as const },
      { user: "bob-4tqw1", name: HOSTILE, role: "admin" as const },
    ];
    const without = exampleSpace({ members: members.slice(1) });
    const root = await shown(AccountPage, exampleMe(), {
      "GET /api/v1/spaces/lab-7k2m9": () => exampleSpace({ members }),
      "DELETE /api/v1/spaces/lab-7k2m9/members/anna-7k2m9": () => without,
    });
    await open(root);
    const panel = root.querySelector(".space-panel") as HTMLElement;
    expect(panel.querySelector("img, select")).toBeNull();
    expect(form("Take somebody into Lab")).toBeNull();
    button("Leave…", panel).click();
    button("Leave", document.querySelector("dialog") as Element).click();
    await settled();
    expect(root.querySelector("details.space")).toBeNull();
  });
});

describe("users", () => {
  const admin = exampleMe({ role: "admin" });

  it("are for administrators", async () => {
    for (const role of ["viewer", "editor"] as const) {
      const root = await shown(UsersPage, exampleMe({ role }));
      expect(root.textContent).toContain("For administrators");
      expect(asked).toHaveLength(0);
    }
  });

  it("are added with a password that is shown once", async () => {
    const made = { user: exampleUser({ id: "cid-1", name: HOSTILE }), password: "made-for-cid" };
    const root = await shown(UsersPage, admin, { "POST /api/v1/users": () => made });
    fill(form("Add a person"), "login", "cid");
    await send(form("Add a person"));
    expect(last("POST")?.body).toEqual({ login: "cid", role: "viewer" });
    expect(root.querySelector(".secret")?.textContent).toBe("made-for-cid");
    expect(root.querySelector("img")).toBeNull();
    button("I have kept it").click();
    expect(document.documentElement.textContent).not.toContain("made-for-cid");
    expect(root.querySelectorAll("tbody tr")).toHaveLength(3);
  });

  it("say at the field what is refused, and keep what was typed", async () => {
    const errors = [{ place: "body.email", value: '"x"', message: "is no address" }];
    const refused = new Status(422, { title: "A value does not fit", detail: "", errors });
    await shown(UsersPage, admin, { "POST /api/v1/users": () => refused });
    fill(form("Add a person"), "login", "cid");
    fill(form("Add a person"), "email", "x");
    await send(form("Add a person"));
    expect(document.querySelector("[name=email]")?.getAttribute("aria-invalid")).toBe("true");
    expect(document.querySelector<HTMLInputElement>("[name=login]")?.value).toBe("cid");
  });

  it("are given roles, new passwords, and kept out, once it was asked", async () => {
    const root = await shown(UsersPage, admin, {
      "PATCH /api/v1/users/bob-4tqw1": (_, body) => exampleUser(body as object),
      "POST /api/v1/users/bob-4tqw1/reset": () => ({ user: exampleUser(), password: "another-one" }),
    });
    const row = () =>
      [...root.querySelectorAll("tbody tr")].find((each) => each.textContent?.includes("Bob")) as Element;
    const role = row().querySelector("select") as HTMLSelectElement;
    role.value = "editor";
    role.dispatchEvent(new Event("change"));
    await settled();
    expect(last("PATCH")?.body).toEqual({ role: "editor" });
    button("Disable…", row()).click();
    button("Disable", document.querySelector("dialog") as Element).click();
    await settled();
    expect(last("PATCH")?.body).toEqual({ disabled: true });
    expect(row().textContent).toContain("disabled");
    button("New password…", row()).click();
    button("Make one", document.querySelector("dialog") as Element).click();
    await settled();
    expect(root.querySelector(".secret")?.textContent).toBe("another-one");
    const own = [...root.querySelectorAll("tbody tr")].find((each) => each.textContent?.includes("(you)"));
    expect(own?.querySelectorAll("button")).toHaveLength(0);
  });

  it("are not added here where a provider lets them in", async () => {
    await shown(UsersPage, exampleMe({ role: "admin", auth: "oidc" }));
    expect(form("Add a person")).toBeNull();
  });
});

describe("activity", () => {
  const entry = (id: number, change: object = {}) => ({
    id,
    at: "2026-01-01T12:00:00Z",
    user_id: "bob-4tqw1",
    action: "circuit.create",
    subject_kind: "circuit",
    subject_id: "cat-7k2m9",
    detail: {},
    request_id: null,
    ...change,
  });

  it("tells who did what, with a link to what is still there, as text", async () => {
    const root = await shown(ActivityPage, exampleMe({ role: "admin" }), {
      "GET /api/v1/activity": () =>
        all(
          entry(3),
          entry(2, { action: "circuit.delete" }),
          entry(1, {
            user_id: null,
            action: HOSTILE,
            subject_kind: "x",
            subject_id: HOSTILE,
            detail: { why: HOSTILE },
          }),
        ),
    });
    const rows = [...root.querySelectorAll(".activity li")];
    expect(rows[0]?.textContent).toContain("Bob asked for a circuit");
    expect(rows[0]?.querySelector("a")?.getAttribute("href")).toBe("/circuits/cat-7k2m9");
    expect(rows[1]?.querySelector("a")).toBeNull();
    expect(rows[2]?.textContent).toContain(`Somebody ${HOSTILE}`);
    expect(root.querySelector("img")).toBeNull();
  });

  it("is read on until there is something of the person who was chosen", async () => {
    const pages: Record<string, unknown> = {
      "": { items: [entry(2)], next: "two" },
      two: all(entry(1, { user_id: "anna-7k2m9", action: "login" })),
    };
    const root = await shown(ActivityPage, exampleMe({ role: "admin" }), {
      "GET /api/v1/activity": (url) => pages[url.searchParams.get("cursor") ?? ""],
    });
    const person = root.querySelector("select") as HTMLSelectElement;
    person.value = "anna-7k2m9";
    person.dispatchEvent(new Event("change"));
    await settled();
    expect([...root.querySelectorAll(".activity li")].map((row) => row.textContent)).toEqual([
      expect.stringContaining("Anna logged in"),
    ]);
    expect(location.search).toBe("?person=anna-7k2m9");
    expect(button("Show more", root).hidden).toBe(true);
  });

  it("is one's own for who is no administrator, and says calmly what fails", async () => {
    let down = true;
    const root = await shown(ActivityPage, exampleMe(), {
      "GET /api/v1/activity": () =>
        down ? new Status(503, { title: "Not available now", detail: "" }) : all(entry(1, { user_id: "anna-7k2m9" })),
    });
    expect(root.querySelector("select")?.hidden).toBe(true);
    expect(root.textContent).toContain("Not available now");
    down = false;
    button("Try again", root).click();
    await settled();
    expect(root.querySelector(".activity li")?.textContent).toContain("You asked for a circuit");
    expect(asked.some(({ url }) => url.pathname === "/api/v1/users")).toBe(false);
  });
});
