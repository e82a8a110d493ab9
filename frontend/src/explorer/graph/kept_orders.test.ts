import { afterEach, expect, test } from "vitest";
import { keepOrder, recallOrder } from "./kept_orders";
import type { Structure } from "./order";

const structure: Structure = {
  layers: [{ position: 0, name: "low" }],
  groups: ["a", "b", "c"].map((id) => ({ id, layer: "low" })),
  edges: [],
};
const order = new Map([[0, ["c", "a", "b"]]]);

afterEach(() => localStorage.clear());

test("an order is restored under its own key", () => {
  keepOrder(structure, "one", order);
  expect(recallOrder(structure, "one")).toEqual(order);
  expect(recallOrder(structure, "other")).toBeNull();
});

test("orders that do not fit the circuit, or are invalid, are ignored", () => {
  keepOrder(structure, "one", order);
  expect(recallOrder({ ...structure, groups: structure.groups.slice(1) }, "one")).toBeNull();
  for (const bad of ["{", "[[0,0,1]]", "[[0,1,7]]", "[]", "3"]) {
    for (const name of Object.keys(localStorage)) localStorage.setItem(name, bad);
    expect(recallOrder(structure, "one")).toBeNull();
  }
});

test("old orders are removed when storage is full", () => {
  for (let i = 0; i < 60; i++) keepOrder(structure, `${i}`, order);
  expect(localStorage.length).toBeLessThanOrEqual(40);
  expect(recallOrder(structure, "59")).toEqual(order);
});
