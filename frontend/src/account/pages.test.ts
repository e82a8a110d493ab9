import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { button, fill, form, last, paths, send, shown } from "../../testing/account_pages";
import { Status, settled } from "../../testing/server";
import { exampleMe, exampleSpace, exampleToken, HOSTILE } from "../../testing/users";
import { AccountPage } from "./account_page";

const SECRET = "nf_7k2m9x4tqw_SECRET";

beforeEach(() => history.replaceState({}, "", "/account"));
afterEach(() => vi.unstubAllGlobals());

describe("the user's account", () => {
  it("shows the user, and names as text only", async () => {
    const root = await shown(AccountPage, exampleMe({ name: HOSTILE }));
    expect(root.querySelector("img")).toBeNull();
    expect(root.textContent).toContain("anna-7k2m9");
    expect(root.querySelector(".token-list strong")?.textContent).toBe(HOSTILE);
  });

  it("changes the password, and empties the form", async () => {
    await shown(AccountPage, exampleMe(), { "PUT /api/v1/me/password": () => new Status(204, null) });
    fill(form("Change password"), "current", " old one ");
    fill(form("Change password"), "new", "correct horse");
    fill(form("Change password"), "again", "correct horse");
    await send(form("Change password"));
    expect(last("PUT")?.body).toEqual({ current: " old one ", new: "correct horse", revoke_tokens: false });
    expect(form("Change password").querySelector("input")?.value).toBe("");
    expect(document.body.textContent).toContain("Password changed.");
  });

  it("offers to revoke the tokens with the password, and reads them again", async () => {
    const root = await shown(AccountPage, exampleMe(), { "PUT /api/v1/me/password": () => new Status(204, null) });
    const read = () => paths().filter((path) => path === "/api/v1/tokens").length;
    expect(read()).toBe(1);
    fill(form("Change password"), "current", "old one");
    fill(form("Change password"), "new", "correct horse");
    fill(form("Change password"), "again", "correct horse");
    fill(form("Change password"), "tokens", "revoke");
    await send(form("Change password"));
    expect(last("PUT")?.body).toMatchObject({ revoke_tokens: true });
    expect(root.ownerDocument.body.textContent).toContain("your API tokens revoked");
    expect(read()).toBe(2);
  });

  it("does not send a password that is too short or differs, and shows what the server rejects", async () => {
    const refused = new Status(422, { title: "A value does not fit", detail: "current is not your present password" });
    await shown(AccountPage, exampleMe(), { "PUT /api/v1/me/password": () => refused });
    const one = form("Change password");
    fill(one, "current", "x");
    fill(one, "new", "short");
    fill(one, "again", "short");
    await send(one);
    expect(one.textContent).toContain("Enter at least 12 characters.");
    fill(one, "new", "correct horse");
    fill(one, "again", "correct house");
    await send(one);
    expect(one.textContent).toContain("The new passwords do not match.");
    expect(last("PUT")).toBeUndefined();
    fill(one, "again", "correct horse");
    await send(one);
    expect(one.querySelector(".form-error")?.textContent).toBe("Current is not your present password.");
    expect(one.querySelector<HTMLInputElement>("[name=new]")?.value).toBe("correct horse");
  });

  it("has no password if users sign in with a provider", async () => {
    await shown(AccountPage, exampleMe({ auth: "oidc" }));
    expect(form("Change password")).toBeNull();
  });

  it("shows a new token once, and never again", async () => {
    const write = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText: write } });
    const root = await shown(AccountPage, exampleMe(), {
      "POST /api/v1/tokens": () => ({ ...exampleToken({ id: "new", name: "CI" }), token: SECRET }),
    });
    const scopes = [...form("New token").querySelectorAll("[name=scope] option")];
    expect(scopes.map((option) => option.getAttribute("value"))).toEqual(["read", "write"]);
    fill(form("New token"), "name", "CI");
    fill(form("New token"), "days", "never");
    await send(form("New token"));
    expect(last("POST")?.body).toEqual({ name: "CI", scope: "read", days: null });
    expect(root.querySelector(".secret")?.textContent).toBe(SECRET);
    expect(root.querySelector(".token-list")?.textContent).not.toContain(SECRET);
    button("Copy").click();
    await settled();
    expect(write).toHaveBeenCalledWith(SECRET);
    button("Done").click();
    expect(document.documentElement.textContent).not.toContain(SECRET);
    expect(root.querySelectorAll(".token-list li")).toHaveLength(2);
  });

  it("revokes a token after a confirmation", async () => {
    const root = await shown(AccountPage, exampleMe(), {
      "DELETE /api/v1/tokens/7k2m9x4tqw": () => new Status(204, null),
    });
    button("Revoke…", root).click();
    expect(last("DELETE")).toBeUndefined();
    button("Revoke", document.querySelector("dialog") as Element).click();
    await settled();
    expect(last("DELETE")?.url.pathname).toBe("/api/v1/tokens/7k2m9x4tqw");
    expect(root.querySelector(".token-list")?.childElementCount).toBe(0);
    expect(root.textContent).toContain("No tokens yet.");
  });

  it("reports what cannot be loaded", async () => {
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
    expect(viewer.querySelector('form[aria-label="New space"]')?.closest("details")?.hidden).toBe(true);
    const root = await shown(AccountPage, exampleMe(), {
      "POST /api/v1/spaces": () => exampleSpace({ id: "new-1", name: "New" }),
    });
    fill(form("New space"), "name", "New");
    await send(form("New space"));
    expect(last("POST")?.body).toEqual({ name: "New", kind: "team" });
    expect(root.querySelector("details.space strong")?.textContent).toBe("New");
  });

  it("let administrators change members, and restore roles if that fails", async () => {
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
    fill(form("Add a member to Lab"), "user", "cid-1");
    fill(form("Add a member to Lab"), "role", "editor");
    await send(form("Add a member to Lab"));
    expect(last("PUT")?.body).toEqual({ role: "editor" });
    expect(paths().includes("/api/v1/users")).toBe(false);
  });

  it("let others see members and leave, and show names as text", async () => {
    const members = [
      { user: "anna-7k2m9", name: "Anna", role: "viewer" as const },
      { user: "bob-4tqw1", name: HOSTILE, role: "admin" as const },
    ];
    const without = exampleSpace({ my_role: null, members: members.slice(1) });
    const root = await shown(AccountPage, exampleMe(), {
      "GET /api/v1/spaces/lab-7k2m9": () => exampleSpace({ my_role: "viewer", members }),
      "DELETE /api/v1/spaces/lab-7k2m9/members/anna-7k2m9": () => without,
    });
    await open(root);
    const panel = root.querySelector(".space-panel") as HTMLElement;
    expect(panel.querySelector("img, select")).toBeNull();
    expect(form("Add a member to Lab")).toBeNull();
    button("Leave…", panel).click();
    button("Leave", document.querySelector("dialog") as Element).click();
    await settled();
    expect(root.querySelector("details.space")).toBeNull();
  });
});
