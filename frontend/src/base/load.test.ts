import { beforeEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../testing/server";
import { Problem } from "../api/client";
import { attempt, load, optional, script } from "./load";

const place = document.createElement("div");
const button = (name: string) =>
  [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name);

beforeEach(() => document.body.replaceChildren(place));

describe("a place that is loaded", () => {
  it("keeps content that is already there, with its focus", async () => {
    const input = document.createElement("input");
    place.replaceChildren(input);
    input.focus();
    expect(await load(place, () => Promise.resolve([...place.children]), { waiting: null })).toBe(true);
    expect(document.activeElement).toBe(input);
  });

  it("calls its caller's retry if there is one", async () => {
    const again = vi.fn();
    await load(place, () => Promise.reject(new Problem(503, "Not available now", "In a moment.")), { again });
    button("Try again")?.click();
    expect(again).toHaveBeenCalledOnce();
  });

  it("shows that it loads until it is filled", async () => {
    const filled = load(place, () => Promise.resolve(["there", null]));
    expect(place.textContent).toBe("Loading…");
    expect(place.getAttribute("aria-busy")).toBe("true");
    expect(await filled).toBe(true);
    expect(place.textContent).toBe("there");
    expect(place.hasAttribute("aria-busy")).toBe(false);
  });

  it("shows a failure, and retries if that may help", async () => {
    const fetch = vi.fn(() => Promise.resolve(["there"]));
    fetch.mockRejectedValueOnce(new Problem(503, "Not available now", "In a moment."));
    expect(await load(place, fetch)).toBe(false);
    expect(place.querySelector("[role=alert]")?.textContent).toContain("In a moment.");
    expect(place.hasAttribute("aria-busy")).toBe(false);
    button("Try again")?.click();
    await settled();
    expect(place.textContent).toBe("there");
  });

  it("offers no retry if the response would be the same", async () => {
    await load(place, () => Promise.reject(new Problem(404, "Not found", "There is no such circuit.")));
    expect(place.textContent).toContain("There is no such circuit.");
    expect(button("Try again")).toBeUndefined();
  });

  it("stays unchanged once it is aborted", async () => {
    const life = new AbortController();
    const failed = load(place, () => Promise.reject(new Problem(500, "x", "y")), { signal: life.signal });
    life.abort();
    expect(await failed).toBe(false);
    expect(place.textContent).toBe("Loading…");
  });

  it("throws errors that are not problems", async () => {
    await expect(load(place, () => Promise.reject(new TypeError("a fault")))).rejects.toThrow("a fault");
  });
});

describe("an attempt", () => {
  const refused = new Problem(403, "No", "Ask an editor.");

  it("reports a failure at the foot of the page", async () => {
    expect(await attempt(() => Promise.reject(new Problem(403, "No", "Ask an editor.")))).toBe(false);
    expect(document.querySelector(".toast.bad")?.textContent).toBe("Ask an editor.");
    expect(await attempt(() => Promise.resolve())).toBe(true);
  });

  it("reports a failure with its caller's function", async () => {
    const report = vi.fn();
    expect(await attempt(() => Promise.reject(refused), { report })).toBe(false);
    expect(report).toHaveBeenCalledExactlyOnceWith(refused);
  });

  it("reports nothing once it is aborted", async () => {
    const report = vi.fn();
    const life = new AbortController();
    const failed = attempt(() => Promise.reject(refused), { signal: life.signal, report });
    life.abort();
    expect(await failed).toBe(false);
    expect(await attempt(() => Promise.reject(new DOMException("", "AbortError")), { report })).toBe(false);
    expect(report).not.toHaveBeenCalled();
  });

  it("throws errors that are not problems", async () => {
    await expect(attempt(() => Promise.reject(new TypeError("a fault")))).rejects.toThrow("a fault");
    await expect(optional(Promise.reject(new TypeError("a fault")))).rejects.toThrow("a fault");
  });

  it("gives null for an optional request that fails, without a message", async () => {
    const toasts = document.querySelectorAll(".toast").length;
    expect(await optional(Promise.resolve("there"))).toBe("there");
    expect(await optional(Promise.reject(refused))).toBeNull();
    expect(document.querySelectorAll(".toast")).toHaveLength(toasts);
  });

  it("turns a script that cannot be loaded into a problem", async () => {
    expect(await script(Promise.resolve("module"))).toBe("module");
    const failed = script(Promise.reject(new TypeError("Failed to fetch dynamically imported module")));
    await expect(failed).rejects.toBeInstanceOf(Problem);
  });
});
