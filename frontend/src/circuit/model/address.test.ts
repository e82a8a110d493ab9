import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyState, stateOf } from "../../../testing/random_circuits";
import { fromParams, toParams, toQuery } from "./address";
import { DEFAULTS } from "./state";

const read = (query: string) => fromParams(new URLSearchParams(query));

describe("the address of a view", () => {
  it("restores every state", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(fromParams(toParams(state))).toEqual({ state, foreign: false });
        expect(read(toQuery(state)).state).toEqual(state);
        expect(read(new URL(`http://host/c${toQuery(state)}`).search).state).toEqual(state);
      }),
      { numRuns: 300 },
    );
  });

  it("is empty for the default view", () => {
    expect(toQuery(stateOf())).toBe("");
    expect(read("").state).toEqual(DEFAULTS);
  });

  it("is readable", () => {
    const state = stateOf({
      select: "layer4.1/3",
      merge: [["layer3.0/1", "layer3.0/2"]],
      around: { node: "layer4.1/3", direction: "up" },
      moves: { "layer3.0/4": { x: 12, y: -30 } },
    });
    expect(toQuery(state)).toBe(
      "?v=1&select=layer4.1/3&merge=layer3.0/1,layer3.0/2&around=up:layer4.1/3&move=12,-30,layer3.0/4",
    );
  });

  it("names the open image", () => {
    const state = stateOf({ panel: "image", analysis: "photo-7k2m9" });
    expect(toQuery(state)).toBe("?v=1&panel=image&analysis=photo-7k2m9");
  });

  it("names a linked note", () => {
    expect(read("?note=note-7k2m9x4t").state).toEqual(stateOf({ note: "note-7k2m9x4t" }));
    expect(toQuery(stateOf({ note: "note-7k2m9x4t" }))).toBe("?v=1&note=note-7k2m9x4t");
    expect(read("?note=../circuits").state.note).toBeNull();
  });

  it("is not read if its version is unknown", () => {
    expect(read("?v=9&select=a/1&influence=50")).toEqual({ state: DEFAULTS, foreign: true });
  });

  it("replaces invalid values by defaults", () => {
    const { state } = read(
      "?v=1&influence=many&weight=1e9&sign=odd&show=film&inspector=-4&full=moon&around=in:a&move=1,b",
    );
    expect(state).toEqual(stateOf({ inspector: 0 }));
    expect(read("?influence=900").state.influence).toBe(100);
    expect(read("?inspector=9").state.inspector).toBe(260);
    expect(read("?panel=attic&analysis=../secret").state).toEqual(stateOf());
  });
});
