import { expect, test } from "vitest";
import type { ViewGraph, ViewNode } from "../../circuit/types";
import { columnsFor, nodeSide, partOffset, SLOT } from "./geometry";
import { mergedOrder, place } from "./placement";

const node = (id: string, layer: number, more: Partial<ViewNode> = {}): ViewNode => ({
  id,
  kind: "group",
  layer,
  parent: null,
  label: id,
  members: [id],
  neurons: [1],
  contribution: 0.1,
  size: 0.5,
  tiles: [],
  pictures: [],
  expanded: false,
  ...more,
});

const graph = (nodes: ViewNode[]): ViewGraph => ({
  layers: [0, 1].map((position) => ({ position, name: `l${position}`, channels: 8, shape: [8], groups: 3, shown: 3 })),
  nodes,
  edges: [],
  hiddenGroups: 0,
  hiddenEdges: 0,
});

const order = new Map([
  [0, ["a", "b", "c"]],
  [1, ["x"]],
]);
const all = graph([node("a", 0), node("b", 0), node("c", 0), node("x", 1)]);

test("higher layers stand higher, and a row keeps its order", () => {
  const { places } = place(all, order, {});
  const at = (id: string) => places.get(id);
  expect(at("x")?.y).toBeLessThan(at("a")?.y ?? 0);
  expect([at("a")?.x, at("b")?.x, at("c")?.x]).toEqual([-SLOT, 0, SLOT]);
});

test("filtering nodes does not move the others", () => {
  const before = place(all, order, {}).places;
  const after = place(graph(all.nodes.filter((one) => one.id !== "a")), order, {}).places;
  for (const id of ["b", "c", "x"]) expect(after.get(id)).toEqual(before.get(id));
});

test("an expanded group pushes its neighbours aside and the rows above up, and stays in the middle", () => {
  const parts = Array.from({ length: 12 }, (_, i) => node(`b#${i}.0`, 0, { kind: "part", parent: "b" }));
  const open = all.nodes.map((one) => (one.id === "b" ? { ...one, expanded: true } : one));
  const before = place(all, order, {}).places;
  const { places, bands } = place(graph([...open, ...parts]), order, {});
  expect(places.get("b")?.x).toBe(before.get("b")?.x);
  const box = places.get("b");
  const [left, right, above] = ["a", "c", "x"].map((id) => places.get(id));
  if (!box || !left || !right || !above) throw new Error("not placed");
  expect(left.x + left.width / 2).toBeLessThan(box.x - box.width / 2);
  expect(right.x - right.width / 2).toBeGreaterThan(box.x + box.width / 2);
  expect(above.y + above.height / 2).toBeLessThan(box.y - box.height / 2);
  expect(bands[0]?.top).toBeLessThanOrEqual(box.y - box.height / 2);
  for (const part of parts) {
    const at = places.get(part.id);
    expect(Math.abs((at?.x ?? 1e9) - box.x) + (at?.width ?? 0) / 2).toBeLessThan(box.width / 2);
    expect(Math.abs((at?.y ?? 1e9) - box.y) + (at?.height ?? 0) / 2).toBeLessThan(box.height / 2);
  }
});

test("a move shifts a node and its parts, and its home stays", () => {
  const nodes = [node("b", 0, { expanded: true }), node("b#1.0", 0, { kind: "part", parent: "b" })];
  const { home, places } = place(graph(nodes), order, { b: { x: 10, y: -5 } });
  for (const id of ["b", "b#1.0"]) {
    expect(places.get(id)?.x).toBe((home.get(id)?.x ?? 0) + 10);
    expect(places.get(id)?.y).toBe((home.get(id)?.y ?? 0) - 5);
  }
});

test("a layer without a node shrinks to a line", () => {
  const { bands } = place(graph([node("x", 1)]), order, {});
  expect((bands[0]?.bottom ?? 0) - (bands[0]?.top ?? 0)).toBeLessThan(30);
});

test("a super-group stands in the middle of its members", () => {
  expect(mergedOrder(order, [["a", "c"]]).get(0)).toEqual(["a+c", "b"]);
  expect(mergedOrder(new Map([[0, ["a", "b", "c", "d"]]]), [["c", "d"]]).get(0)).toEqual(["a", "b", "c+d"]);
  expect(mergedOrder(order, [])).toBe(order);
});

test("nodes that are not in the order come last in their row", () => {
  const { places } = place(graph([...all.nodes, node("new", 0)]), order, {});
  expect(places.get("new")?.x).toBeGreaterThan(places.get("c")?.x ?? 0);
});

test("long layers take several lines, left to right all the same", () => {
  const ids = Array.from({ length: 100 }, (_, i) => `n${i}`);
  const rows = new Map([...Array(10).keys()].map((layer) => [layer, ids]));
  const columns = columnsFor([...rows.values()].map((row) => row.length));
  expect(columns).toBeLessThan(100);
  const { places } = place(graph(ids.map((id) => node(id, 0))), rows, {});
  const xs = ids.map((id) => places.get(id)?.x ?? Number.NaN);
  expect(xs).toEqual([...xs].sort((a, b) => a - b));
  expect(new Set(ids.map((id) => `${places.get(id)?.x} ${places.get(id)?.y}`)).size).toBe(100);
});

test("sizes grow with importance within bounds, and parts stand in a grid", () => {
  expect(nodeSide(0)).toBeLessThan(nodeSide(0.3));
  expect(nodeSide(1)).toBeLessThan(SLOT);
  expect(nodeSide(7)).toBe(nodeSide(1));
  expect(partOffset(0, 1)).toEqual({ x: 0, y: 0 });
  expect(partOffset(0, 6).y).toBeLessThan(partOffset(5, 6).y);
});
