import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyCircuit, anyState, smallCircuit, stateOf } from "../../../testing/random_circuits";
import { fromParams, toParams } from "./address";
import { canonical } from "./state";

describe("the canonical form", () => {
  it("is its own canonical form, and survives the address", () => {
    fc.assert(
      fc.property(anyCircuit, anyState, fc.infiniteStream(fc.nat()), (circuit, state, picks) => {
        const ids = [...circuit.groups.keys()];
        const pick = () => ids[(picks.next().value ?? 0) % ids.length] ?? "";
        const merge = [
          [pick(), pick()],
          [pick(), pick(), pick()],
        ];
        const named = {
          ...state,
          select: pick(),
          expand: [pick(), pick()],
          merge,
          moves: { [pick()]: { x: 1, y: 2 } },
        };
        const once = canonical(named, circuit).state;
        expect(canonical(once, circuit)).toEqual({ state: once, dropped: [] });
        expect(fromParams(toParams(once)).state).toEqual(once);
      }),
    );
  });

  it("removes what the circuit does not have, and names it", () => {
    const state = stateOf({
      select: "mid/9",
      expand: ["low/1", "low/8"],
      merge: [["mid/1", "mid/7"]],
      hide: ["low", "attic"],
      around: { node: "gone", direction: "up" },
      moves: { "mid/1": { x: 5, y: 0 }, "mid/6": { x: 1, y: 1 } },
    });
    const { state: kept, dropped } = canonical(state, smallCircuit());
    expect(kept).toEqual(stateOf({ expand: ["low/1"], hide: ["low"], moves: { "mid/1": { x: 5, y: 0 } } }));
    expect(dropped.sort()).toEqual(
      ["group gone", "group low/8", "group mid/7", "layer attic", "moved group mid/6", "selection mid/9"].sort(),
    );
  });

  it("keeps a group in one super-group, of one layer, and never the class", () => {
    const merge = [
      ["mid/2", "mid/1"],
      ["mid/1", "low/1"],
      ["top/1", "low/2"],
      ["low/1", "mid/1", "low/2"],
    ];
    expect(canonical(stateOf({ merge }), smallCircuit()).state.merge).toEqual([
      ["low/1", "low/2"],
      ["mid/1", "mid/2"],
    ]);
  });

  it("recognises the ids of edges, super-groups and parts", () => {
    const circuit = smallCircuit();
    const kept = (select: string, more = {}) => canonical(stateOf({ select, ...more }), circuit).state.select;
    expect(kept("low/1>mid/1")).toBe("low/1>mid/1");
    expect(kept("low/1>mid/4")).toBeNull();
    expect(kept("mid/1+mid/2", { merge: [["mid/2", "mid/1"]] })).toBe("mid/1+mid/2");
    expect(kept("mid/1", { merge: [["mid/2", "mid/1"]] })).toBeNull();
    expect(kept("low/2#5.0", { expand: ["low/2"] })).toBe("low/2#5.0");
    expect(kept("low/2#5.0")).toBeNull();
    expect(kept("low/2#4.0", { expand: ["low/2"] })).toBeNull();
    expect(kept("low/2#5.0>mid/1", { expand: ["low/2"] })).toBe("low/2#5.0>mid/1");
  });
});
