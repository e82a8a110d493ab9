// @vitest-environment node
import path from "node:path";
import { ESLint } from "eslint";
import { describe, expect, it } from "vitest";

const root = import.meta.dirname;
const eslint = new ESLint({ cwd: root });

/** How often the project's own configuration finds an address that no proxy's path precedes. */
async function found(text, file = "src/base/a.ts") {
  const [result] = await eslint.lintText(text, { filePath: path.join(root, file) });
  return result.messages.filter(({ ruleId }) => ruleId === "addresses/below").length;
}

describe("an address of the application", () => {
  it.each([
    'h("a", { href: "/circuits/new" });',
    'h("a", { href: `/${kind}/${id}` });',
    "h('a', { href: `/?${query}` });",
    'const way = { label: "All circuits", to: "/" };',
    "new EventSource(`/api/v1/jobs/${id}/events`);",
    'fetch("/api/v1/me");',
    'import("/static/dist/assets/a.js");',
    'location.assign("/");',
    'const page = "/logout";',
    'function address() { return "/"; }',
    "open(PAGES[location.pathname]);",
    'if (location.pathname === "/login") open();',
  ])("is found: %s", async (text) => {
    expect(await found(text)).toBe(1);
  });

  it.each([
    'h("a", { href: at("/circuits/new") });',
    "new EventSource(at(`/api/v1/jobs/${id}/events`));",
    'api.GET("/api/v1/me");',
    'type Answer = paths["/api/v1/me"];',
    'const pages = { "/users": 1 };',
    'if (here() === "/login") open();',
    "history.replaceState(null, '', location.pathname + query);",
    "const id = `${layer}/${number}`;",
    'const part = group.split("/");',
    'const near = "/circuitry";',
  ])("is in order: %s", async (text) => {
    expect(await found(text)).toBe(0);
  });

  it("may be written out in tests", async () => {
    expect(await found('h("a", { href: "/circuits/new" });', "src/base/a.test.ts")).toBe(0);
  });
});
