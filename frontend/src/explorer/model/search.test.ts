import { describe, expect, it } from "vitest";
import { smallCircuit, stateOf } from "../../../testing/random_circuits";
import { matches } from "./search";
import { buildView } from "./visible";

const view = buildView(smallCircuit(), new Map(), stateOf());
const found = (text: string) => [...(matches(view, text) ?? [])].sort();

describe("search", () => {
  it("finds labels, layers, ids and numbers of neurons", () => {
    expect(found("CAT")).toEqual(["top/1"]);
    expect(found("mid")).toEqual(["mid/1", "mid/2"]);
    expect(found("low/2")).toEqual(["low/2"]);
    expect(found("7")).toEqual(["mid/2"]);
  });

  it("wants all words, and is off without one", () => {
    expect(found("mid 7")).toEqual(["mid/2"]);
    expect(found("nowhere")).toEqual([]);
    expect(matches(view, "  ")).toBeNull();
  });
});
