import { describe, expect, it } from "vitest";
import { membersOf, smallCircuit, stateOf } from "../../../testing/random_circuits";
import { markedLabel, marksOf } from "../../circuit/model/marks";
import { FIRST_ORDER, rowsOf } from "../../circuit/model/rows";
import { buildView } from "../../circuit/model/visible";
import type { Reading } from "../../circuit/types";
import { elementsOf } from "./elements";
import { place } from "./placement";

const circuit = smallCircuit();
const group = (id: string, percentile: number | null, fires: boolean, silent: boolean, score = 1) => ({
  id,
  layer: id.split("/")[0] ?? "",
  score,
  percentile,
  fires,
  silent,
  usual: 1,
  best: [],
  place: { width: 1, height: 1, values: "AA==", highest: 0 },
});
const reading: Reading = {
  width: 1,
  height: 1,
  area: { left: 0, top: 0, right: 1, bottom: 1 },
  crops: [],
  classes: [],
  target: { index: 3, name: "cat", logit: 1, probability: 0.91 },
  groups: [
    group("top/1", 40, false, true),
    group("mid/1", 82.4, true, false),
    group("mid/2", null, false, false, 0.25),
    group("low/1", 3, false, true, 0.2),
    group("low/2", 55, true, false, 0.7),
    group("gone/1", 50, true, false),
  ],
};
const view = buildView(circuit, new Map([["mid/1", membersOf(circuit, "mid/1")]]), stateOf({ expand: ["mid/1"] }));
const marks = marksOf(view, reading);

describe("what an image does to the nodes", () => {
  it("uses the group's own figures; parts have none", () => {
    expect(marks.get("mid/1")).toMatchObject({ lit: "fires", percentile: 82.4 });
    expect(marks.get("low/1")).toMatchObject({ lit: "silent", score: 0.2 });
    expect(marks.get("mid/2")).toMatchObject({ lit: "neither" });
    expect([...marks.keys()].some((id) => id.includes("#") || id === "gone/1")).toBe(false);
  });

  it("is the highest of its groups for a super-group", () => {
    const merged = buildView(circuit, new Map(), stateOf({ merge: [["low/1", "low/2"]] }));
    expect(marksOf(merged, reading).get("low/1+low/2")).toMatchObject({ lit: "fires", percentile: 55, score: 0.7 });
  });

  it("is in the label: the percentile, or else the score, or the class's probability", () => {
    const label = (id: string) =>
      markedLabel(view.nodes.find((node) => node.id === id) ?? { label: "?" }, marks.get(id));
    expect(["mid/1", "mid/2", "top/1"].map(label)).toEqual(["1 · 82", "2 · 0.25", "class cat · 91 %"]);
    expect(markedLabel({ label: "3" }, undefined)).toBe("3");
    expect(markedLabel({ label: "1 + 2 + 3 + 4" }, marks.get("mid/1"))).toBe("1 + 2 +… · 82");
  });
});

describe("the graph of an image", () => {
  const placement = place(view, new Map(), {});
  const data = (lit: typeof marks | null) =>
    new Map(elementsOf(view, view.edges, placement, lit).map((element) => [element.data.id, element.data]));

  it("marks what fires and what is silent, and fades edges at what does not fire", () => {
    const [plain, lit] = [data(null), data(marks)];
    expect(["mid/1", "low/1", "mid/2"].map((id) => lit.get(id)?.lit)).toEqual(["fires", "silent", "neither"]);
    // The class itself is never dimmed.
    expect(lit.get("top/1")?.lit).toBe("fires");
    expect(plain.get("mid/1")).toMatchObject({ lit: "", label: "1" });
    const opacity = (of: typeof plain, id: string) => Number(of.get(id)?.opacity);
    expect(opacity(lit, "mid/2>top/1")).toBeLessThan(opacity(plain, "mid/2>top/1"));
  });
});

describe("the table of an image", () => {
  it("sorts by percentile, missing ones last", () => {
    const rows = rowsOf(circuit, view, null, { by: "percentile", descending: true }, marks);
    expect(rows.slice(0, 4).map(({ node }) => node.id)).toEqual(["mid/1", "low/2", "top/1", "low/1"]);
    expect(rowsOf(circuit, view, null, FIRST_ORDER).every(({ mark }) => mark === null)).toBe(true);
  });
});
