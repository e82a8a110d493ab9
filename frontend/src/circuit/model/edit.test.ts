import { describe, expect, it } from "vitest";
import { smallCircuit, stateOf } from "../../../testing/random_circuits";
import { mergeNodes, split, toggleExpand } from "./edit";

const circuit = smallCircuit();

describe("the user's edits of a view", () => {
  it("expands and collapses a group, and removes its parts' moves", () => {
    expect(toggleExpand(stateOf(), circuit, "low/2")).toEqual({ expand: ["low/2"] });
    const open = stateOf({ expand: ["low/2"], select: "low/2#5.0>mid/1" });
    expect(toggleExpand(open, circuit, "low/2#5.0")).toEqual({ expand: [], select: "low/2" });
    expect(toggleExpand(stateOf({ merge: [["low/1", "low/2"]] }), circuit, "low/1+low/2")).toBeNull();
  });

  it("merges groups of one layer, super-groups among them", () => {
    const change = mergeNodes(stateOf({ expand: ["low/2"] }), circuit, ["low/2", "low/1"]);
    expect(change).toMatchObject({ merge: [["low/1", "low/2"]], select: "low/1+low/2", expand: [] });
    expect(mergeNodes(stateOf(), circuit, ["low/2"])).toMatch(/two groups/);
    expect(mergeNodes(stateOf(), circuit, ["low/2", "mid/1"])).toMatch(/same layer/);
  });

  it("splits a super-group, and removes its move", () => {
    const state = stateOf({
      merge: [["low/1", "low/2"]],
      moves: { "low/1+low/2": { x: 1, y: 1 }, "mid/1": { x: 2, y: 2 } },
    });
    expect(split(state, circuit, "low/1+low/2")).toMatchObject({
      merge: [],
      select: "low/1",
      moves: { "mid/1": { x: 2, y: 2 } },
    });
    expect(split(state, circuit, "mid/1")).toBeNull();
  });
});
