import { expect, test } from "vitest";
import { elkGraph, givenOrder, readOrder, type Structure, strongest, structureKey } from "./order";

const structure: Structure = {
  layers: [
    { position: 0, name: "low/er" },
    { position: 1, name: "high" },
  ],
  groups: [
    { id: "low/er/1", layer: "low/er" },
    { id: "low/er/2", layer: "low/er" },
    { id: "high/1", layer: "high" },
    { id: "lost/1", layer: "lost" },
  ],
  edges: [
    { source: "low/er/1", target: "high/1", weight: 0.1 },
    { source: "low/er/2", target: "high/1", weight: -0.7 },
  ],
};

test("rows hold the groups of their layer, as they are numbered", () => {
  expect(givenOrder(structure)).toEqual(
    new Map([
      [0, ["low/er/1", "low/er/2"]],
      [1, ["high/1"]],
    ]),
  );
});

test("the strongest edges come first, by |weight|, whatever order they are given in", () => {
  const turned = { ...structure, edges: [...structure.edges].reverse() };
  expect(strongest(structure).map((edge) => edge.source)).toEqual(["low/er/2", "low/er/1"]);
  expect(strongest(structure, 1)).toHaveLength(1);
  expect(structureKey(turned)).toBe(structureKey(structure));
  expect(elkGraph(turned)).toEqual(elkGraph(structure));
});

test("ELK gets the rows by height and its answer is read by x", () => {
  const asked = elkGraph(structure);
  expect(asked.children?.map((child) => child.y)).toEqual([-0, -0, -200]);
  const x: Record<string, number> = { "low/er/1": 9, "low/er/2": 3, "high/1": 0 };
  const answer = { ...asked, children: asked.children?.map((child) => ({ ...child, x: x[child.id] ?? 0 })) ?? [] };
  expect(readOrder(structure, answer).get(0)).toEqual(["low/er/2", "low/er/1"]);
});
