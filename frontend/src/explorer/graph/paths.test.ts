import { expect, test } from "vitest";
import type { ViewGraph, ViewNode } from "../../circuit/types";
import { clearAndFaint } from "./elements";
import { brightOf } from "./focus";
import { neighbour } from "./neighbours";
import { pathsThrough } from "./paths";

const node = (id: string, layer: number, parent: string | null = null): ViewNode => ({
  id,
  kind: parent === null ? "group" : "part",
  layer,
  parent,
  label: id,
  members: [id],
  neurons: [1],
  contribution: 0.1,
  size: 0.5,
  tiles: [],
  pictures: [],
  expanded: id === "b",
});
const edge = (source: string, target: string, weight: number) => ({
  id: `${source}>${target}`,
  source,
  target,
  weight,
  size: Math.abs(weight),
});

// c is the class; b is expanded into p and q; a1 and a2 lie lowest.
const view: ViewGraph = {
  layers: [],
  nodes: [node("c", 2), node("b", 1), node("e", 1), node("p", 1, "b"), node("q", 1, "b"), node("a1", 0), node("a2", 0)],
  edges: [edge("p", "c", 0.9), edge("e", "c", 0.1), edge("a1", "p", -0.8), edge("a2", "p", 0.2), edge("a2", "e", 0.4)],
  hiddenGroups: 0,
  hiddenEdges: 0,
};
const places = new Map(
  [
    ["c", 0, -400],
    ["b", -100, -200],
    ["e", 100, -200],
    ["p", -120, -200],
    ["q", -80, -200],
    ["a1", -100, 0],
    ["a2", 100, 0],
  ].map(([id, x, y]) => [String(id), { x: Number(x), y: Number(y) }]),
);

test("the paths through a node are all that leads to it and all that follows", () => {
  const { nodes, edges } = pathsThrough(view, "e");
  expect([...nodes].sort()).toEqual(["a2", "c", "e"]);
  expect([...edges].sort()).toEqual(["a2>e", "e>c"]);
});

test("the paths through an expanded group go through its parts, and its box is lit with a part", () => {
  expect(pathsThrough(view, "b").edges.has("a1>p")).toBe(true);
  expect(pathsThrough(view, "a1").nodes.has("b")).toBe(true);
});

test("the paths through an edge hold it, what is above it and what is below", () => {
  const { nodes, edges } = pathsThrough(view, "p>c");
  expect([...edges].sort()).toEqual(["a1>p", "a2>p", "p>c"]);
  expect(nodes.has("e")).toBe(false);
});

test("a search keeps what it found, the edges between, and the boxes around", () => {
  const bright = brightOf(view, null, new Set(["p", "c"]));
  expect([...(bright?.nodes ?? [])].sort()).toEqual(["b", "c", "p"]);
  expect([...(bright?.edges ?? [])]).toEqual(["p>c"]);
  expect(brightOf(view, null, null)).toBeNull();
  expect(brightOf(view, "gone", null)).toBeNull();
});

test("up and down go along the strongest edge", () => {
  expect(neighbour(view, places, "c", "down")).toBe("p");
  expect(neighbour(view, places, "p", "down")).toBe("a1");
  expect(neighbour(view, places, "a2", "up")).toBe("e");
  expect(neighbour(view, places, "c", "up")).toBeNull();
});

test("left and right stay in the layer, and leave a box past its last part", () => {
  expect(neighbour(view, places, "b", "right")).toBe("e");
  expect(neighbour(view, places, "e", "right")).toBeNull();
  expect(neighbour(view, places, "p", "right")).toBe("q");
  expect(neighbour(view, places, "q", "right")).toBe("e");
  expect(neighbour(view, places, "a2", "left")).toBe("a1");
});

test("a box without edges leads into its parts below and along them above", () => {
  expect(neighbour(view, places, "b", "down")).toBe("p");
  expect(neighbour(view, places, "b", "up")).toBe("c");
  expect(neighbour(view, places, "q", "up")).toBe("b");
  expect(neighbour(view, places, "gone", "up")).toBeNull();
});

test("of very many edges the weakest are faint, but never the one that is selected", () => {
  const many = Array.from({ length: 2000 }, (_, i) => edge(`s${i}`, `t${i}`, i / 2000));
  const { clear, faint } = clearAndFaint(many, "s3>t3");
  expect(clear.length + faint.length).toBe(2000);
  expect(clear.map((one) => one.id)).toContain("s3>t3");
  expect(clear.map((one) => one.id)).toContain("s1999>t1999");
  expect(clearAndFaint(view.edges, null)).toEqual({ clear: view.edges, faint: [] });
});
