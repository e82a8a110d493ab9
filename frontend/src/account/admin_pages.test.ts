import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { button, fill, form, last, paths, send, shown } from "../../testing/account_pages";
import { Status, settled } from "../../testing/server";
import { all, exampleMe, exampleToken, exampleUser, HOSTILE } from "../../testing/users";
import { ActivityPage } from "./activity_page";
import { UsersPage } from "./users_page";

beforeEach(() => history.replaceState({}, "", "/activity"));
afterEach(() => vi.unstubAllGlobals());

describe("users", () => {
  const admin = exampleMe({ role: "admin" });

  it("are for administrators", async () => {
    for (const role of ["viewer", "editor"] as const) {
      const root = await shown(UsersPage, exampleMe({ role }));
      expect(root.textContent).toContain("Administrators only");
      expect(paths()).toEqual([]);
    }
  });

  it("are added with a password that is shown once", async () => {
    const made = { user: exampleUser({ id: "cid-1", name: HOSTILE }), password: "made-for-cid" };
    const root = await shown(UsersPage, admin, { "POST /api/v1/users": () => made });
    fill(form("New user"), "login", "cid");
    await send(form("New user"));
    expect(last("POST")?.body).toEqual({ login: "cid", role: "viewer" });
    expect(root.querySelector(".secret")?.textContent).toBe("made-for-cid");
    expect(root.querySelector("img")).toBeNull();
    button("Done").click();
    expect(document.documentElement.textContent).not.toContain("made-for-cid");
    expect(root.querySelectorAll("tbody tr")).toHaveLength(3);
  });

  it("show errors at their fields, and keep the typed text", async () => {
    const errors = [{ place: "body.email", value: '"x"', message: "is no address" }];
    const refused = new Status(422, { title: "A value does not fit", detail: "", errors });
    await shown(UsersPage, admin, { "POST /api/v1/users": () => refused });
    fill(form("New user"), "login", "cid");
    fill(form("New user"), "email", "x");
    await send(form("New user"));
    expect(document.querySelector("[name=email]")?.getAttribute("aria-invalid")).toBe("true");
    expect(document.querySelector<HTMLInputElement>("[name=login]")?.value).toBe("cid");
  });

  it("get roles and new passwords, and are disabled, after confirmations", async () => {
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
    button("Reset password…", row()).click();
    button("Reset password", document.querySelector("dialog") as Element).click();
    await settled();
    expect(root.querySelector(".secret")?.textContent).toBe("another-one");
    const own = [...root.querySelectorAll("tbody tr")].find((each) => each.textContent?.includes("(you)"));
    expect(own?.querySelectorAll("button")).toHaveLength(0);
  });

  it("have API tokens that administrators see and revoke, one or all", async () => {
    let kept = [exampleToken({ name: HOSTILE }), exampleToken({ id: "other", name: "CI" })];
    const root = await shown(UsersPage, admin, {
      "GET /api/v1/users/bob-4tqw1/tokens": () => all(...kept),
      "DELETE /api/v1/users/bob-4tqw1/tokens/other": () => new Status(204, null),
      "DELETE /api/v1/users/bob-4tqw1/tokens": () => {
        kept = [];
        return new Status(204, null);
      },
    });
    button("Tokens…", root).click();
    await settled();
    const dialog = document.querySelector("dialog") as HTMLElement;
    expect(dialog.querySelector("img")).toBeNull();
    expect(dialog.querySelectorAll(".token-list li")).toHaveLength(2);
    const of = (name: string) => dialog.querySelector<HTMLElement>(`[aria-label="Revoke ${name}"]`);
    of("CI")?.click();
    button("Revoke", document.body.lastElementChild as Element).click();
    await settled();
    expect(last("DELETE")?.url.pathname).toBe("/api/v1/users/bob-4tqw1/tokens/other");
    expect(dialog.querySelectorAll(".token-list li")).toHaveLength(1);
    button("Revoke all…", dialog).click();
    button("Revoke all", document.body.lastElementChild as Element).click();
    await settled();
    expect(last("DELETE")?.url.pathname).toBe("/api/v1/users/bob-4tqw1/tokens");
    expect(dialog.textContent).toContain("No tokens.");
    dialog.remove();
  });

  it("are not added here if they sign in with a provider", async () => {
    await shown(UsersPage, exampleMe({ role: "admin", auth: "oidc" }));
    expect(form("New user")).toBeNull();
  });
});

describe("activity", () => {
  const entry = (id: number, change: object = {}) => ({
    id,
    at: "2026-01-01T12:00:00Z",
    user_id: "bob-4tqw1",
    user_name: "Bob",
    action: "circuit.create",
    subject_kind: "circuit",
    subject_id: "cat-7k2m9",
    detail: {},
    request_id: null,
    ...change,
  });

  it("shows who did what, with links to existing subjects, as text", async () => {
    const root = await shown(ActivityPage, exampleMe({ role: "admin" }), {
      "GET /api/v1/activity": () =>
        all(
          entry(3),
          entry(2, { action: "circuit.delete" }),
          entry(1, {
            user_id: null,
            user_name: null,
            action: HOSTILE,
            subject_kind: "x",
            subject_id: HOSTILE,
            detail: { why: HOSTILE },
          }),
        ),
    });
    const rows = [...root.querySelectorAll(".activity li")];
    expect(rows[0]?.textContent).toContain("Bob requested a circuit");
    expect(rows[0]?.querySelector("a")?.getAttribute("href")).toBe("/circuits/cat-7k2m9");
    expect(rows[1]?.querySelector("a")).toBeNull();
    expect(rows[2]?.textContent).toContain(`Someone ${HOSTILE}`);
    expect(root.querySelector("img")).toBeNull();
  });

  it("is loaded for the chosen user, page by page", async () => {
    const anna = { user_id: "anna-7k2m9", user_name: "Anna" };
    const pages: Record<string, unknown> = {
      " ": { items: [entry(3)], next: "two" },
      "anna-7k2m9 ": { items: [entry(2, { ...anna, action: "login" })], next: "more" },
      "anna-7k2m9 more": all(entry(1, { ...anna, action: "logout" })),
    };
    const root = await shown(ActivityPage, exampleMe({ role: "admin" }), {
      "GET /api/v1/activity": ({ searchParams: asked }) =>
        pages[`${asked.get("user") ?? ""} ${asked.get("cursor") ?? ""}`],
    });
    const user = root.querySelector("select") as HTMLSelectElement;
    user.value = "anna-7k2m9";
    user.dispatchEvent(new Event("change"));
    await settled();
    button("Show more", root).click();
    await settled();
    expect([...root.querySelectorAll(".activity li")].map((row) => row.textContent)).toEqual([
      expect.stringContaining("Anna signed in"),
      expect.stringContaining("Anna signed out"),
    ]);
    expect(location.search).toBe("?user=anna-7k2m9");
    expect(() => button("Show more", root)).toThrow();
  });

  it("is the user's own without the administrator role, and reports failures", async () => {
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
    expect(root.querySelector(".activity li")?.textContent).toContain("You requested a circuit");
    expect(paths().includes("/api/v1/users")).toBe(false);
  });
});
