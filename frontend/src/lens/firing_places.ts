/** Where groups fire in an image, as a grid, and which groups fire at one place. */

import type { Grid } from "../circuit/heat_map";
import type { Box, GroupId, GroupReading, Place, Reading } from "../circuit/types";

/** The threshold at which a group fires at a place; 1 is the activation on its own patches. */
export const FIRES_AT = 0.5;

/** A point of the part of the image that the network sees, both in [0, 1]. */
export interface Point {
  x: number;
  y: number;
}

export interface Firing {
  group: GroupReading;
  value: number;
}

const decoded = new WeakMap<Place, Grid>();

/** The grid of values; missing cells are 0. */
export function gridOf(place: Place): Grid {
  const known = decoded.get(place);
  if (known) return known;
  const values = new Uint8Array(place.width * place.height);
  const bytes = atob(place.values);
  for (let at = 0; at < Math.min(values.length, bytes.length); at++) values[at] = bytes.charCodeAt(at);
  const grid = { width: place.width, height: place.height, highest: place.highest, values };
  decoded.set(place, grid);
  return grid;
}

/** The value of the lightest colour: at least 1, so that low activations look low. */
export const lightest = (place: Place): number => Math.max(1, place.highest);

/** The group's activation at a point, in the unit of its own patches. */
export function valueAt(place: Place, point: Point): number {
  const { width, height, highest, values } = gridOf(place);
  const cell = (share: number, cells: number) => Math.min(cells - 1, Math.max(0, Math.floor(share * cells)));
  return ((values[cell(point.y, height) * width + cell(point.x, width)] ?? 0) * highest) / 255;
}

/** The groups that fire at a point, the strongest first. */
export function firingAt(reading: Reading, point: Point): Firing[] {
  return reading.groups
    .map((group) => ({ group, value: valueAt(group.place, point) }))
    .filter(({ value }) => value >= FIRES_AT)
    .sort((one, other) => other.value - one.value);
}

/** The group that fires most; null if none of them has a score. */
export function strongestOf(reading: Reading, groups: readonly GroupId[]): GroupReading | null {
  const found = reading.groups.filter(({ id }) => groups.includes(id));
  return found.reduce<GroupReading | null>((one, other) => (one && one.score >= other.score ? one : other), null);
}

/** The best crops of a group as boxes of the image, with their scores. */
export function bestCrops(reading: Reading, group: GroupReading): { box: Box; score: number }[] {
  return group.best.flatMap(({ crop, score }) => {
    const box = reading.crops[crop];
    return box ? [{ box, score }] : [];
  });
}
