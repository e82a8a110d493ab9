import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyCircuit, membersOf, partsOf, smallCircuit, stateOf } from "../../../testing/random_circuits";
import type { ViewGraph, ViewState } from "../types";
import type { Circuit } from "./circuit";
import { canonical } from "./state";
import { buildView, influential, matches } from "./visible";

function seen(circuit: Circuit, change: Partial<ViewState> = {}, linked = true): ViewGraph {
  const { state } = canonical(stateOf(change), circuit);
  const members = new Map(state.expand.map((id) => [id, membersOf(circuit, id, linked)]));
  return buildView(circuit, members, state);
}
const ids = (view: ViewGraph) => view.nodes.map((node) => node.id).sort();
const weights = (view: ViewGraph) => Object.fromEntries(view.edges.map((edge) => [edge.id, edge.weight]));
const sum = (view: ViewGraph) => view.edges.reduce((all, edge) => all + edge.weight, 0);

describe("the visible part", () => {
  it("is the whole circuit, with the class on top", () => {
    const view = seen(smallCircuit());
    expect(view.nodes.map(({ kind }) => kind).sort()).toEqual(["class", "group", "group", "group", "group"]);
    expect(view.edges).toHaveLength(5);
    expect([view.hiddenGroups, view.hiddenEdges]).toEqual([0, 0]);
    const [strong, weak] = ["mid/1", "mid/2"].map((id) => view.nodes.find((node) => node.id === id));
    expect([strong?.size, weak?.size]).toEqual([1, 0.2 / 0.6]);
    expect(weak?.tiles).toEqual([
      { sheet: "/sheet/1", x: 0, y: 10, side: 10 },
      { sheet: "/sheet/1", x: 10, y: 10, side: 10 },
    ]);
  });

  it("is limited by influence, but the class is always there", () => {
    const view = seen(smallCircuit(), { influence: 60 });
    expect(ids(view)).toEqual(["low/1", "mid/1", "top/1"]);
    expect([view.hiddenGroups, view.hiddenEdges]).toEqual([2, 3]);
    expect(view.layers.map(({ shown, groups }) => [shown, groups])).toEqual([
      [1, 2],
      [1, 2],
      [1, 1],
    ]);
  });

  it("has edges as wide as their weight beside others between the same two layers", () => {
    const sizes = Object.fromEntries(seen(smallCircuit()).edges.map((edge) => [edge.id, edge.size]));
    expect(sizes).toEqual({
      "low/1>mid/1": 1,
      "low/2>mid/1": 0.5,
      "low/2>mid/2": 0.25,
      "mid/1>top/1": 1,
      "mid/2>top/1": 0.5,
    });
  });

  it("is limited by sign, weight and layers", () => {
    const circuit = smallCircuit();
    expect(Object.keys(weights(seen(circuit, { sign: "negative" })))).toEqual(["low/2>mid/1", "mid/2>top/1"]);
    expect(Object.keys(weights(seen(circuit, { weight: 60 })))).toEqual(["low/1>mid/1", "mid/1>top/1"]);
    const hidden = seen(circuit, { hide: ["mid"] });
    expect(ids(hidden)).toEqual(["low/1", "low/2", "top/1"]);
    expect(hidden.layers.map(({ name }) => name)).toEqual(["low", "top"]);
    expect(hidden.edges).toEqual([]);
  });

  it("can be limited to paths to a node, or from it", () => {
    const around = (node: string, direction: "up" | "down" | "both") =>
      ids(seen(smallCircuit(), { around: { node, direction } }));
    expect(around("mid/2", "down")).toEqual(["low/2", "mid/2"]);
    expect(around("mid/2", "up")).toEqual(["mid/2", "top/1"]);
    expect(around("mid/2", "both")).toEqual(["low/2", "mid/2", "top/1"]);
  });

  it("adds up the edges of super-groups, with none inside", () => {
    const view = seen(smallCircuit(), { merge: [["low/2", "low/1"]] });
    const merged = view.nodes.find((node) => node.kind === "super");
    expect(merged).toMatchObject({ id: "low/1+low/2", label: "1 + 2", contribution: 0.4, neurons: [4, 5, 6] });
    expect(merged?.tiles.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [0, 10],
      [10, 0],
      [10, 10],
    ]);
    expect(weights(view)).toMatchObject({ "low/1+low/2>mid/1": 0.25, "low/1+low/2>mid/2": 0.125 });
    expect(view.hiddenGroups).toBe(0);
  });

  it("opens a group into its parts, with the weights of their links", () => {
    const circuit = smallCircuit();
    const view = seen(circuit, { expand: ["mid/2"] });
    const parts = partsOf(membersOf(circuit, "mid/2"));
    expect(parts).toEqual(["mid/2#2.0", "mid/2#2.1", "mid/2#7.0"]);
    expect(view.nodes.filter((node) => node.parent === "mid/2").map(({ id }) => id)).toEqual(parts);
    expect(view.nodes.find((node) => node.id === "mid/2")?.expanded).toBe(true);
    expect(weights(view)["mid/2#7.0>top/1"]).toBeCloseTo(-0.5 / 3);
    expect(weights(view)).not.toHaveProperty("mid/2>top/1");
  });

  it("leaves edges at the box if links are unknown", () => {
    expect(weights(seen(smallCircuit(), { expand: ["mid/2"] }, false))).toEqual(weights(seen(smallCircuit())));
  });

  it("leads from part to part between two opened groups, and from parts to super-groups", () => {
    const view = seen(smallCircuit(), { expand: ["mid/2", "low/2"] });
    expect(weights(view)).toHaveProperty("low/2#5.1>mid/2#7.0");
    expect(
      seen(smallCircuit(), { expand: ["mid/2"], merge: [["low/1", "low/2"]] }).edges.map(({ id }) => id),
    ).toContain("low/1+low/2>mid/2#7.0");
  });

  it("can be limited to paths through one part, with its box", () => {
    const view = seen(smallCircuit(), { expand: ["mid/2"], around: { node: "mid/2#7.0", direction: "up" } });
    expect(ids(view)).toEqual(["mid/2", "mid/2#7.0", "top/1"]);
  });

  it("keeps the sum of all weights, whatever is merged and opened", () => {
    fc.assert(
      fc.property(anyCircuit, fc.infiniteStream(fc.nat()), (circuit, picks) => {
        const all = [...circuit.groups.keys()];
        const pick = () => all[(picks.next().value ?? 0) % all.length] ?? "";
        const merge = [
          [pick(), pick(), pick()],
          [pick(), pick()],
        ];
        const view = seen(circuit, { merge, expand: [pick(), pick()] });
        expect(sum(view)).toBeCloseTo(
          circuit.edges.reduce((total, edge) => total + edge.weight, 0),
          9,
        );
        expect(view.nodes.flatMap((node) => (node.parent ? [] : node.members)).sort()).toEqual(all.sort());
        const layers = new Map(view.nodes.map((node) => [node.id, node.layer]));
        for (const edge of view.edges) expect(layers.get(edge.target)).toBe((layers.get(edge.source) ?? 0) + 1);
      }),
    );
  });
});

const layer = (...values: number[]) => values.map((contribution) => ({ contribution }));
const total = (groups: { contribution: number }[]) =>
  groups.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0);

describe("cumulative influence", () => {
  it("takes the fewest units that reach it, in their own order", () => {
    const groups = layer(0.1, -0.5, 0.2, 0.2);
    expect(influential(groups, 50)).toEqual(layer(-0.5));
    expect(influential(groups, 51)).toEqual(layer(-0.5, 0.2));
    expect(influential(groups, 90)).toEqual(layer(-0.5, 0.2, 0.2));
    expect(influential(groups, 1)).toEqual(layer(-0.5));
  });

  it("takes all at 100, and all of a layer that contributes nothing", () => {
    expect(influential(layer(0.4, 0), 100)).toHaveLength(2);
    expect(influential(layer(0, 0), 10)).toHaveLength(2);
    expect(influential([], 10)).toEqual([]);
  });

  it("reaches the percentage, and not without its weakest unit", () => {
    const groups = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 99 }), (values, percent) => {
        const all = layer(...values);
        fc.pre(total(all) > 1e-9);
        const kept = influential(all, percent);
        const asked = (percent / 100) * total(all);
        const weakest = Math.min(...kept.map(({ contribution }) => Math.abs(contribution)));
        expect(total(kept)).toBeGreaterThanOrEqual(asked - 1e-9);
        expect(total(kept) - weakest).toBeLessThanOrEqual(asked + 1e-9);
      }),
    );
  });
});

const view = buildView(smallCircuit(), new Map(), stateOf());
const found = (text: string) => [...(matches(view, text) ?? [])].sort();

describe("search", () => {
  it("finds labels, layers, ids and numbers of neurons", () => {
    expect(found("CAT")).toEqual(["top/1"]);
    expect(found("mid")).toEqual(["mid/1", "mid/2"]);
    expect(found("low/2")).toEqual(["low/2"]);
    expect(found("7")).toEqual(["mid/2"]);
  });

  it("needs all words, and is off without one", () => {
    expect(found("mid 7")).toEqual(["mid/2"]);
    expect(found("nowhere")).toEqual([]);
    expect(matches(view, "  ")).toBeNull();
  });
});
