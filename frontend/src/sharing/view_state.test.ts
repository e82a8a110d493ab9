import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyState, smallCircuit, stateOf as made } from "../../testing/random_circuits";
import { fromParams } from "../circuit/model/address";
import { buildView } from "../circuit/model/visible";
import { addressOf, stateInWords, kept, stateOf } from "./view_state";

/** What the server takes as a state: `neurflow_store/sharing/state.py`. */
const KNOWN = [
  "v",
  "select",
  "expand",
  "merge",
  "influence",
  "weight",
  "sign",
  "hide",
  "search",
  "around",
  "move",
  "show",
  "inspector",
  "full",
];

describe("the state of a view", () => {
  it("is restored, with the image and without the note", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const { state: query, analysis } = kept(state);
        const panel = analysis === null ? "inspector" : "image";
        expect(stateOf(query, analysis)).toEqual({ state: { ...state, panel, note: null }, foreign: false });
        for (const name of new URLSearchParams(query).keys()) expect(KNOWN).toContain(name);
      }),
    );
  });

  it("opens at an address of the circuit", () => {
    const view = { circuit: { id: "cat-1", name: "Cat" }, analysis: null, state: "v=1&influence=40" };
    expect(addressOf(view)).toBe("/circuits/cat-1?v=1&influence=40");
    const image = addressOf({ ...view, analysis: { id: "photo-1", name: "P" } });
    expect(fromParams(new URL(image, "http://here").searchParams).state).toMatchObject({
      panel: "image",
      analysis: "photo-1",
    });
    expect(addressOf({ ...view, state: "v=9&new=1" })).toBe("/circuits/cat-1?v=9&new=1");
  });
});

describe("the contents of a view", () => {
  const view = buildView(smallCircuit(), new Map(), made());

  it("are described in a sentence", () => {
    expect(stateInWords(made(), view)).toBe("The whole circuit with the default layout.");
    const state = made({ select: "mid/1", influence: 80, expand: ["mid/1"], hide: ["low"], show: "table" });
    expect(stateInWords(state, view)).toBe(
      "The circuit with group 1 of mid selected, groups for 80 % of the score, 1 layer hidden, 1 group expanded and as a table.",
    );
  });
});
