/**
 * Sizes and ways in the graph's own units: nodes, slots, rows, the grid inside an expanded group, and the curve of an
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

/** Width that a node of a row may take: as large as nodes get, and air. */
export const SLOT = 132;
/** Height of a row of nodes with their labels. */
export const ROW = 134;
/** What remains of a layer of which nothing is shown. */
export const EMPTY_ROW = 20;

const SMALLEST = 58;
const LARGEST = 108;

/** Side of a node; areas tell sizes, so the side goes with the root. */
export function nodeSide(size: number): number {
  return Math.round(SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(Math.min(1, Math.max(0, size))));
}

export const PART = 64;
export const BOX_PADDING = 16;
/** The label over the box. */
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

/** Between the rows of two layers: room for the edges, more of it where they run far aside. */
export function gapFor(columns: number): number {
  return 50 + Math.min(140, 3 * Math.max(0, columns - 14));
}

const UNWRAPPED = 24;
const ASPECT = 1.8;

/** How many nodes stand side by side at most: long layers take several lines, so that the whole stays near a screen's shape. */
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
