// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ESLint } from "eslint";
import { describe, expect, it } from "vitest";
import { LEVELS } from "./rooms.js";

const root = import.meta.dirname;
const eslint = new ESLint({ cwd: root });

/** What the project's own configuration says of the directions of imports in a file with this text. */
async function complaints(filePath, text) {
  const [result] = await eslint.lintText(text, { filePath: path.join(root, filePath) });
  return result.messages.filter(({ ruleId }) => ruleId === "rooms/direction").map(({ message }) => message);
}

const imports = (from) => `import { one } from "${from}";\none();\n`;

describe("rooms", () => {
  it("have a level each", () => {
    const files = readdirSync(path.join(root, "src"), { recursive: true }).filter((file) => file.endsWith(".ts"));
    const rooms = new Set(files.map((file) => file.split(path.sep)[0]));
    expect([...rooms].sort()).toEqual(LEVELS.flat().sort());
  });

  it.each([
    ["src/base/a.ts", "../account/me", "the other way"],
    ["src/circuit/model/a.ts", "../../lens/place", "the other way"],
    ["src/lens/a.ts", "../explorer/session", "the other way"],
    ["src/lens/a.ts", "../sharing/types", "beside each other"],
    ["src/gallery/a.ts", "../library/registry", "beside each other"],
    ["src/base/a.test.ts", "../jobs/job_line", "the other way"],
    ["src/base/a.ts", "../lens/a.css", "the other way"],
    ["src/base/a.ts", "./../lens/../gallery/a", "the other way"],
    ["src/base/a.ts", "../elsewhere/a", "no room"],
    ["src/elsewhere/a.ts", "../base/dom", "no room"],
    ["src/base/a.ts", "../../testing/circuit", "Only tests"],
  ])("%s may not import %s", async (file, from, why) => {
    expect(await complaints(file, imports(from))).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    ["a type", 'import type { One } from "../lens/a";\nexport type Two = One;\n'],
    ["a type in place", 'export type Two = import("../lens/a").One;\n'],
    ["a side effect", 'import "../lens/a.css";\n'],
    ["a later import", 'export const later = () => import("../lens/a");\n'],
    ["a name handed on", 'export { one } from "../lens/a";\n'],
    ["all names handed on", 'export * from "../lens/a";\n'],
  ])("count %s as an import", async (_, text) => {
    expect(await complaints("src/base/a.ts", text)).toHaveLength(1);
  });

  it.each([
    ["src/pages/a.ts", "../explorer/session"],
    ["src/explorer/graph/a.ts", "../../lens/place"],
    ["src/explorer/graph/a.ts", "../session"],
    ["src/gallery/a.ts", "../jobs/job_line"],
    ["src/base/a.ts", "vitest"],
    ["src/lens/a.test.ts", "../../testing/circuit"],
    ["testing/a.ts", "../src/lens/place"],
    ["testing/a.ts", "./circuit"],
  ])("%s may import %s", async (file, from) => {
    expect(await complaints(file, imports(from))).toEqual([]);
  });
});

describe("files", () => {
  const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;
  const files = readdirSync(path.join(root, "src"), { recursive: true })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => path.join(root, "src", file));

  const graph = new Map(
    files.map((file) => {
      const found = [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, from]) => path.resolve(file, "..", from));
      return [file, found.map((each) => `${each}.ts`).filter((each) => files.includes(each))];
    }),
  );

  it("do not import each other in a circle", () => {
    expect(circle(graph)?.map((file) => path.relative(root, file))).toBeUndefined();
  });

  it("that do are found", () => {
    const made = new Map(Object.entries({ a: ["b"], b: ["c", "d"], c: [], d: ["e"], e: ["b"] }));
    expect(circle(made)).toEqual(["b", "d", "e", "b"]);
    expect(graph.get(path.join(root, "src/pages/page.ts"))).toContain(path.join(root, "src/base/dom.ts"));
  });
});

/** One circle of a graph, from a node back to itself; undefined where there is none. */
function circle(graph) {
  const done = new Set();
  const walk = (node, way) => {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const found = walk(next, [...way, node]);
      if (found) return found;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const found = walk(node, []);
    if (found) return found;
  }
  return undefined;
}
