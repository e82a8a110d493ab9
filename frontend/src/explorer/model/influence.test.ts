import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { influential } from "./influence";

const layer = (...values: number[]) => values.map((contribution) => ({ contribution }));
const total = (groups: { contribution: number }[]) =>
  groups.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0);

describe("cumulative influence", () => {
  it("takes the fewest that reach it, in their own order", () => {
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

  it("reaches what is asked for, and not without its weakest", () => {
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
