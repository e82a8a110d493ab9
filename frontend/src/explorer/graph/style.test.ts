import { expect, test } from "vitest";
import { edgeOpacity, edgeWidth } from "./elements";
import { bends, curvePoints } from "./geometry";
import { mosaicCells, mosaicSide } from "./mosaics";
import { fitted } from "./pointer";
import { levelFor, patchesAt, shortLabel } from "./style";

test("closer levels show more", () => {
  expect([0.1, 0.5, 1.5].map((zoom) => levelFor(zoom))).toEqual(["far", "near", "close"]);
  expect(patchesAt("far", 9)).toBe(0);
  expect(patchesAt("near", 9)).toBe(4);
  expect(patchesAt("near", 3)).toBe(1);
  expect(patchesAt("close", 12)).toBe(9);
  expect(patchesAt("close", 0)).toBe(0);
});

test("a level is kept a little past its border", () => {
  const border = 26 / 80;
  expect(levelFor(border * 0.95, "near")).toBe("near");
  expect(levelFor(border * 0.95, "far")).toBe("far");
  expect(levelFor(border * 0.85, "near")).toBe("far");
});

test("far labels are short", () => {
  expect(shortLabel("class coffee mug")).toBe("coffee m");
  expect(shortLabel("3 + 5")).toBe("3+5");
});

test("squares of a mosaic are square, within it, and apart", () => {
  for (let count = 1; count <= 9; count++) {
    const side = mosaicSide(count, 64);
    const cells = mosaicCells(count, side);
    expect(cells).toHaveLength(count);
    for (const cell of cells) {
      expect(cell.side).toBe(64);
      expect(Math.min(cell.x, cell.y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(cell.x, cell.y) + cell.side).toBeLessThanOrEqual(side);
    }
    expect(new Set(cells.map((cell) => `${cell.x} ${cell.y}`)).size).toBe(count);
  }
});

test("heavier edges are wider and clearer, and a crowd is fainter", () => {
  expect(edgeWidth(0.1)).toBeLessThan(edgeWidth(1));
  expect(edgeOpacity(0.1, 10)).toBeLessThan(edgeOpacity(1, 10));
  expect(edgeOpacity(0.1, 10_000)).toBeLessThan(edgeOpacity(0.1, 10));
  expect(edgeOpacity(1, 1)).toBeLessThanOrEqual(1);
});

test("Cytoscape's bends are the control points of the curve", () => {
  const source = { x: 30, y: 100, width: 40, height: 20 };
  const target = { x: -80, y: -50, width: 60, height: 60 };
  const [from, first, , second, to] = curvePoints(source, target);
  expect(from).toEqual({ x: 30, y: 90 });
  expect(to).toEqual({ x: -80, y: -20 });
  const { weights, distances } = bends(source, target);
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  [first, second].forEach((control, i) => {
    const w = weights[i] ?? 0;
    const d = distances[i] ?? 0;
    // Along the line by its share, then to the side by its distance.
    expect(from.x + w * (to.x - from.x) - uy * d).toBeCloseTo(control.x);
    expect(from.y + w * (to.y - from.y) + ux * d).toBeCloseTo(control.y);
  });
});

test("a fitted view holds the whole box and is never nearer than allowed", () => {
  const box = { x1: -500, y1: -900, x2: 500, y2: 0 };
  for (const pane of [
    { width: 1280, height: 800 },
    { width: 360, height: 500 },
  ]) {
    const { zoom, pan } = fitted(box, pane, 4);
    expect(box.x1 * zoom + pan.x).toBeGreaterThanOrEqual(0);
    expect(box.x2 * zoom + pan.x).toBeLessThanOrEqual(pane.width);
    expect(box.y1 * zoom + pan.y).toBeGreaterThanOrEqual(0);
    expect(box.y2 * zoom + pan.y).toBeLessThanOrEqual(pane.height);
  }
  expect(fitted({ x1: 0, y1: 0, x2: 1, y2: 1 }, { width: 900, height: 900 }, 1.5).zoom).toBe(1.5);
});
