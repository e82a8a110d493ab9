/** The graph as it stands on the canvas, in its own units: what the exports draw. */

import type { EdgeId, NodeId } from "../../circuit/types";
import type { Place, Point } from "./geometry";

export interface NodePicture extends Place {
  id: NodeId;
}

/** The way of an edge: two quadratic curves that meet in the third point, in SVG `M 0 Q 1 2 Q 3 4`. */
export interface EdgePicture {
  id: EdgeId;
  /** Start, control point, middle, control point, end. */
  points: readonly [Point, Point, Point, Point, Point];
  width: number;
  opacity: number;
}

export interface LayerPicture {
  position: number;
  /** Edges of its band; y grows downwards, so `top` < `bottom`. */
  top: number;
  bottom: number;
  /** Its middle. */
  y: number;
}

export interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface GraphPicture {
  /** `x` and `y` are centres. Boxes of expanded groups come before their parts. */
  nodes: NodePicture[];
  edges: EdgePicture[];
  /** From the lowest layer up. */
  layers: LayerPicture[];
  /** Around all that is drawn, labels included. */
  box: Box;
  /** What of it is on the screen. */
  visible: Box;
}

/** The smallest box around `boxes`; of nothing, an empty one. */
export function around(places: Iterable<Place>): Box {
  let box: Box | null = null;
  for (const { x, y, width, height } of places) {
    const one = { x1: x - width / 2, y1: y - height / 2, x2: x + width / 2, y2: y + height / 2 };
    box = box
      ? {
          x1: Math.min(box.x1, one.x1),
          y1: Math.min(box.y1, one.y1),
          x2: Math.max(box.x2, one.x2),
          y2: Math.max(box.y2, one.y2),
        }
      : one;
  }
  return box ?? { x1: 0, y1: 0, x2: 0, y2: 0 };
}
