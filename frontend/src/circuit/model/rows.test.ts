import { describe, expect, it } from "vitest";
import { membersOf, smallCircuit, stateOf } from "../../../testing/random_circuits";
import { type Column, FIRST_ORDER, rowsOf } from "./rows";
import { buildView } from "./visible";

const circuit = smallCircuit();
const members = new Map([["mid/1", membersOf(circuit, "mid/1")]]);
const view = buildView(circuit, members, stateOf({ expand: ["mid/1"] }));
const order = (by: Column, descending: boolean) =>
  rowsOf(circuit, view, null, { by, descending }).map((row) => row.node.id);

describe("the rows of the table", () => {
  it("are in the graph's order, parts below their group", () => {
    expect(order(FIRST_ORDER.by, FIRST_ORDER.descending)).toEqual([
      "top/1",
      "mid/1",
      "mid/1#1.0",
      "mid/1#1.1",
      "mid/1#2.0",
      "mid/2",
      "low/1",
      "low/2",
    ]);
  });

  it("are sorted in both directions, unknown values last", () => {
    expect(order("contribution", true).slice(0, 5)).toEqual(["top/1", "mid/1", "low/1", "low/2", "mid/2"]);
    expect(order("contribution", false).slice(0, 5)).toEqual(["mid/2", "low/2", "low/1", "mid/1", "top/1"]);
    expect(
      order("contribution", false)
        .slice(5)
        .every((id) => id.includes("#")),
    ).toBe(true);
  });

  it("name the strongest edge in both directions", () => {
    const rows = rowsOf(circuit, view, new Set(["mid/2"]), FIRST_ORDER);
    expect(rows.map(({ into, outOf }) => [into?.edge.weight, into?.other, outOf?.edge.weight, outOf?.other])).toEqual([
      [0.125, "group 2", -0.5, "class cat"],
    ]);
  });
});
