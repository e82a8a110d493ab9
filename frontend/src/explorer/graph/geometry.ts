/**
 * Sizes and curves in the graph's units: nodes, slots, rows, the grid inside an expanded group, and the curve of an
 * edge.
 */

export interface Point {
  x: number;
  y: number;
}

/** A rectangle by its centre. */
export interface Place extends Point {
  width: number;
  height: number;
}

/** The width of a node's slot in a row: the largest node, and a gap. */
export const SLOT = 132;
/** The height of a row of nodes with their labels. */
export const ROW = 134;
/** The height of a layer without visible nodes. */
export const EMPTY_ROW = 20;

const SMALLEST = 58;
const LARGEST = 108;

/** The side of a node. Its area shows its size, so the side grows with the square root. */
export function nodeSide(size: number): number {
  return Math.round(SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(Math.min(1, Math.max(0, size))));
}

export const PART = 64;
export const BOX_PADDING = 16;
/** The height of the label above the box. */
export const BOX_HEAD = 26;
const PART_PITCH = { x: 80, y: 88 };

export interface Grid {
  columns: number;
  rows: number;
}

/** Columns and rows for `count` squares, a little wider than high. */
export function boxGrid(count: number): Grid {
  const columns = Math.max(1, Math.min(count, Math.ceil(Math.sqrt(count * 1.5))));
  return { columns, rows: Math.max(1, Math.ceil(count / columns)) };
}

/** Size of the box of an expanded group with `count` parts. */
export function boxSize(count: number): { width: number; height: number } {
  const { columns, rows } = boxGrid(count);
  return {
    width: (columns - 1) * PART_PITCH.x + PART + 2 * BOX_PADDING,
    height: (rows - 1) * PART_PITCH.y + PART + 2 * BOX_PADDING,
  };
}

/** Centre of part `index` of `count`, from the centre of their box. */
export function partOffset(index: number, count: number): Point {
  const { columns, rows } = boxGrid(count);
  return {
    x: ((index % columns) - (columns - 1) / 2) * PART_PITCH.x,
    y: (Math.floor(index / columns) - (rows - 1) / 2) * PART_PITCH.y,
  };
}

/** The gap between the rows of two layers: wider if edges run far to the side. */
export function gapFor(columns: number): number {
  return 50 + Math.min(140, 3 * Math.max(0, columns - 14));
}

const UNWRAPPED = 24;
const ASPECT = 1.8;

/** The maximum number of nodes side by side. Long layers take several lines, so that the graph fits a screen. */
export function columnsFor(counts: readonly number[]): number {
  const longest = Math.max(1, ...counts);
  if (longest <= UNWRAPPED) return longest;
  let best = UNWRAPPED;
  let nearest = Number.POSITIVE_INFINITY;
  for (let columns = UNWRAPPED; columns <= longest; columns++) {
    const height = counts.reduce((sum, count) => sum + Math.ceil(count / columns) * ROW + gapFor(columns), 0);
    const off = Math.abs(Math.log((columns * SLOT) / height / ASPECT));
    if (off < nearest) {
      nearest = off;
      best = columns;
    }
  }
  return best;
}

/** The position of the bends along the height. */
const BEND = 0.42;

/** The points where an edge leaves and enters. */
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

/** The control points in Cytoscape's form: positions along the straight line, and distances from it. */
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
