import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ExampleStream, Status, serve, settled } from "../../testing/server";
import { exampleMe, HOSTILE } from "../../testing/users";
import { AccountMenu } from "../account/account_menu";
import { logOut } from "../account/log_out";
import { watchSession } from "../account/logged_out";
import { askWhoAmI, UNKNOWN } from "../account/me";
import { api, data } from "../api/client";
import { h } from "../base/dom";
import { watchJobs } from "../jobs/watch_jobs";

const nobody = new Status(401, { title: "Not logged in", detail: "" });
let life: AbortController;

const rows = (menu: AccountMenu) => {
  menu.element.querySelector("button")?.click();
  return [...menu.element.querySelectorAll("[role=menuitem]")].map((row) => [
    row.textContent,
    row.getAttribute("href"),
  ]);
};

beforeEach(() => {
  life = new AbortController();
  document.body.replaceChildren();
  history.replaceState({}, "", "/circuits/cat-7k2m9?select=a%2F1");
});
afterEach(() => {
  life.abort();
  vi.unstubAllGlobals();
});

describe("the current user", () => {
  it("is a user, nobody, or the local user if the request fails", async () => {
    serve({ "GET /api/v1/me": () => exampleMe() });
    expect((await askWhoAmI())?.name).toBe("Anna");
    serve({ "GET /api/v1/me": () => nobody });
    expect(await askWhoAmI()).toBeNull();
    serve({ "GET /api/v1/me": () => new Status(503, {}) });
    expect(await askWhoAmI()).toEqual(UNKNOWN);
  });

  it("is not requested if the page says that no one is signed in", async () => {
    const asked = serve({});
    document.body.append(h("main", { id: "main", "data-known": "no" }));
    expect(await askWhoAmI()).toBeNull();
    expect(asked).toEqual([]);
  });
});

describe("the account menu", () => {
  it("is empty without accounts", () => {
    const menu = new AccountMenu();
    menu.show(exampleMe({ id: null, auth: "none", role: "admin" }));
    expect(menu.element.childElementCount).toBe(0);
    menu.show(exampleMe({ id: null, auth: "proxy", role: "admin" }));
    expect(menu.element.childElementCount).toBe(0);
  });

  it("links to the sign-in page, which returns to this page", () => {
    const menu = new AccountMenu();
    menu.show(null);
    const address = menu.element.querySelector("a")?.getAttribute("href") ?? "";
    expect(new URL(address, "http://localhost").searchParams.get("next")).toBe("/circuits/cat-7k2m9?select=a%2F1");
  });

  it("offers users to administrators only", () => {
    const menu = new AccountMenu();
    document.body.append(menu.element);
    for (const role of ["viewer", "editor"] as const) {
      menu.show(exampleMe({ role }));
      expect(rows(menu).map(([label]) => label)).toEqual(["Account", "Activity", "Sign out"]);
    }
    menu.show(exampleMe({ role: "admin" }));
    expect(rows(menu)).toContainEqual(["Users", "/users"]);
  });

  it("shows a name as text only, and signs out", () => {
    const out = vi.fn();
    const menu = new AccountMenu(out);
    document.body.append(menu.element);
    menu.show(exampleMe({ name: HOSTILE }));
    expect(menu.element.querySelector("img")).toBeNull();
    expect(menu.element.textContent).toContain(HOSTILE);
    menu.element.querySelector("button")?.click();
    [...menu.element.querySelectorAll<HTMLElement>("[role=menuitem]")].at(-1)?.click();
    expect(out).toHaveBeenCalledOnce();
  });
});

describe("signing out", () => {
  const page = (body: string, status = 200) =>
    vi.stubGlobal("fetch", async () => new Response(body, { status, headers: { "Content-Type": "text/html" } }));

  it("sends the form that the server gave to this browser", async () => {
    page('<form method="post" action="/logout"><input type="hidden" name="token" value="t&quot;1"></form>');
    const send = vi.fn<(form: HTMLFormElement) => void>();
    const open = vi.fn();
    await logOut(send, open);
    const form = send.mock.calls[0]?.[0];
    expect([form?.method, form?.getAttribute("action")]).toEqual(["post", "/logout"]);
    expect(form?.querySelector("input")?.value).toBe('t"1');
    expect(open).not.toHaveBeenCalled();
  });

  it("opens the page that asks if there is no such form", async () => {
    const send = vi.fn();
    const open = vi.fn();
    page("<p>busy</p>", 503);
    await logOut(send, open);
    page("<p>another page</p>");
    await logOut(send, open);
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    await logOut(send, open);
    expect(open.mock.calls).toEqual([["/logout"], ["/logout"], ["/logout"]]);
    expect(send).not.toHaveBeenCalled();
  });
});

describe("a session that has ended", () => {
  it("is reported once, whichever requests fail, and the page stays unchanged", async () => {
    serve({ "GET /api/v1/networks": () => nobody, "GET /api/v1/datasets": () => nobody });
    watchSession(exampleMe(), life.signal);
    const typed = document.createElement("input");
    typed.value = "half a thought";
    document.body.append(typed);
    await Promise.allSettled([data(api.GET("/api/v1/networks")), data(api.GET("/api/v1/datasets"))]);
    const dialogs = document.querySelectorAll("dialog");
    expect(dialogs).toHaveLength(1);
    expect(dialogs[0]?.textContent).toContain("You were signed out");
    const link = dialogs[0]?.querySelector("a");
    expect([link?.target, link?.rel]).toEqual(["_blank", "noopener"]);
    expect(link?.getAttribute("href")).toContain("next=%2Fcircuits%2Fcat-7k2m9");
    expect(typed.value).toBe("half a thought");
  });

  it("closes the dialog when the user is signed in again", async () => {
    serve({ "GET /api/v1/networks": () => nobody, "GET /api/v1/me": () => nobody });
    watchSession(exampleMe(), life.signal);
    await data(api.GET("/api/v1/networks")).catch(() => undefined);
    window.dispatchEvent(new Event("focus"));
    await settled();
    expect(document.querySelectorAll("dialog")).toHaveLength(1);
    serve({ "GET /api/v1/me": () => exampleMe() });
    window.dispatchEvent(new Event("focus"));
    await settled();
    expect(document.querySelectorAll("dialog")).toHaveLength(0);
    expect(document.body.textContent).toContain("You are signed in again.");
  });

  it("does not show the dialog again within a minute", async () => {
    serve({ "GET /api/v1/networks": () => nobody });
    watchSession(exampleMe(), life.signal);
    const ask = () => data(api.GET("/api/v1/networks")).catch(() => undefined);
    await ask();
    document.querySelector("dialog")?.close();
    await ask();
    expect(document.querySelectorAll("dialog")).toHaveLength(0);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 61_000);
    await ask();
    expect(document.querySelectorAll("dialog")).toHaveLength(1);
  });

  it("says so if another user is signed in", async () => {
    serve({
      "GET /api/v1/networks": () => nobody,
      "GET /api/v1/me": () => exampleMe({ id: "bob-4tqw1", name: "Bob" }),
    });
    watchSession(exampleMe(), life.signal);
    await data(api.GET("/api/v1/networks")).catch(() => undefined);
    window.dispatchEvent(new Event("focus"));
    await settled();
    expect(document.body.textContent).toContain("You are now signed in as Bob. Reload the page.");
  });

  it("is noticed when a stream is rejected", async () => {
    ExampleStream.install();
    const asked = serve({ "GET /api/v1/me": () => nobody });
    watchSession(exampleMe(), life.signal);
    watchJobs(null, { job: () => undefined }, life.signal);
    ExampleStream.last.dispatchEvent(new Event("error"));
    await settled();
    expect(asked).toHaveLength(0);
    Object.assign(ExampleStream.last, { readyState: 2 });
    ExampleStream.last.dispatchEvent(new Event("error"));
    await settled();
    expect(document.querySelectorAll("dialog")).toHaveLength(1);
  });
});
