import { describe, expect, it } from "vitest";
import { HEAT } from "../../testing/circuit";
import { coloured, grown, HEAT_COLOURS, heatColour } from "./heat_map";

const linear = (value: number) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

/** Lightness in OKLab, from the long, medium and short cones' answers. */
function lightness([red, green, blue]: readonly [number, number, number]): number {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const cones = [
    0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
    0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
    0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
  ].map(Math.cbrt);
  return 0.2104542553 * (cones[0] ?? 0) + 0.793617785 * (cones[1] ?? 0) - 0.0040720468 * (cones[2] ?? 0);
}

describe("the colours of heat maps", () => {
  it("rise in lightness by even steps", () => {
    const steps = HEAT_COLOURS.map(lightness);
    const rises = steps.slice(16).map((value, index) => value - (steps[index] ?? 0));
    const mean = rises.reduce((sum, rise) => sum + rise, 0) / rises.length;
    for (const rise of rises) expect(Math.abs(rise - mean)).toBeLessThan(0.25 * mean);
  });

  it("keep their order without the long or the medium cones", () => {
    // What someone sees who cannot tell red from green: blue, and the rest as one brightness.
    const bright = HEAT_COLOURS.map(([red, green]) => 0.2 * linear(red) + 0.8 * linear(green));
    for (let step = 32; step < bright.length; step += 16) {
      expect(bright[step] ?? 0).toBeGreaterThan(bright[step - 16] ?? 0);
    }
  });

  it("clamp values outside the range", () => {
    expect(heatColour(-1)).toEqual(HEAT_COLOURS[0]);
    expect(heatColour(7)).toEqual(HEAT_COLOURS[255]);
  });
});

describe("a heat map", () => {
  it("keeps its corners and is smooth between", () => {
    const large = grown(HEAT, 8, 8);
    expect(large[0]).toBe(0);
    expect(large[63]).toBeCloseTo(2, 5);
    for (let x = 1; x < 8; x++) expect(Math.abs((large[x] ?? 0) - (large[x - 1] ?? 0))).toBeLessThan(0.3);
  });

  it("is unchanged at its own size", () => {
    expect([...grown(HEAT, 2, 2)].map((value) => Math.round((255 * value) / 2))).toEqual(HEAT.values);
  });

  it("is transparent below the threshold, and half transparent above in the overlay", () => {
    const pixels = coloured(new Float32Array([0.2, 1.6]), 2, "overlay", 0.5);
    expect(pixels[3]).toBe(0);
    expect(pixels[7]).toBeGreaterThan(100);
    expect(pixels[7]).toBeLessThan(255);
    expect(coloured(new Float32Array([0.2]), 2, "heat map", 0)[3]).toBe(255);
  });

  it("is transparent where nothing fires", () => {
    expect([...coloured(new Float32Array([0, 0]), 0, "heat map", 0)]).toEqual(Array(8).fill(0));
  });
});
