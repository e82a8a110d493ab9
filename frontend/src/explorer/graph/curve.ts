/** The way of an edge: up out of its source, across, and up into its target. */

import type { Place, Point } from "./geometry";

/** How far along the height the bends lie. */
const BEND = 0.42;

/** Where an edge leaves and enters. */
export function ends(source: Place, target: Place): { from: Point; to: Point } {
  return {
    from: { x: source.x, y: source.y - source.height / 2 },
    to: { x: target.x, y: target.y + target.height / 2 },
  };
}

/** Two quadratic curves that meet in the middle: start, control, middle, control, end. */
export function curvePoints(source: Place, target: Place): [Point, Point, Point, Point, Point] {
  const { from, to } = ends(source, target);
  const first = { x: from.x, y: from.y + (to.y - from.y) * BEND };
  const second = { x: to.x, y: to.y - (to.y - from.y) * BEND };
  return [from, first, { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 }, second, to];
}

/** The control points as Cytoscape takes them: shares of the straight line, and distances to the side of it. */
export function bends(source: Place, target: Place): { weights: number[]; distances: number[] } {
  const { from, to } = ends(source, target);
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = Math.hypot(dx, dy);
  if (length < 1) return { weights: [0.5], distances: [0] };
  const weight = (BEND * dy * dy) / (length * length);
  const distance = (BEND * dy * dx) / length;
  return { weights: [weight, 1 - weight], distances: [distance, -distance] };
}
