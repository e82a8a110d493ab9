import { describe, expect, it } from "vitest";
import { INSPECTED, placeOf } from "../../testing/image";
import { bestCrops, firingAt, gridOf, lightest, strongestOf, valueAt } from "./firing_places";

const { reading } = INSPECTED;

describe("a place", () => {
  it("is read from its bytes, row by row", () => {
    const place = placeOf([255, 128, 0, 51], 2);
    expect(Array.from(gridOf(place).values)).toEqual([255, 128, 0, 51]);
    expect(valueAt(place, { x: 0.2, y: 0.2 })).toBe(2);
    expect(valueAt(place, { x: 0.2, y: 0.8 })).toBe(0);
    expect(valueAt(place, { x: 0.8, y: 0.8 })).toBeCloseTo(0.4);
    expect(valueAt(place, { x: 1, y: 1 })).toBeCloseTo(0.4);
  });

  it("is 0 where bytes are missing", () => {
    expect(valueAt({ width: 2, height: 2, values: btoa("\xff"), highest: 1 }, { x: 0.9, y: 0.9 })).toBe(0);
  });

  it("looks faint where a group hardly fires", () => {
    expect(lightest(placeOf([255, 0, 0, 0], 0.1))).toBe(1);
    expect(lightest(placeOf([255, 0, 0, 0], 3))).toBe(3);
  });
});

describe("what fires at a point", () => {
  it("is every group that reaches half of the activation on its own patches, strongest first", () => {
    const at = (x: number, y: number) => firingAt(reading, { x, y }).map(({ group }) => group.id);
    expect(at(0.2, 0.2)).toEqual(["mid/x/1", "fc/1", "low/1"]);
    expect(at(0.8, 0.8)).toEqual(["mid/x/1"]);
  });

  it("for several groups is that of the one that fires most", () => {
    expect(strongestOf(reading, ["low/1", "low/2"])?.id).toBe("low/1");
    expect(strongestOf(reading, ["gone/1"])).toBeNull();
  });
});

describe("the best crops", () => {
  it("are boxes of the image", () => {
    const [group] = reading.groups;
    if (!group) throw new Error("no group");
    expect(bestCrops(reading, group)).toEqual([{ box: reading.crops[1], score: 1 }]);
    expect(bestCrops(reading, { ...group, best: [{ crop: 9, score: 1 }] })).toEqual([]);
  });
});
