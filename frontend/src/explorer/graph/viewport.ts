/** Which part of the graph a pane shows. */

import type { Box } from "./picture";

export interface Viewport {
  zoom: number;
  pan: { x: number; y: number };
}

/** Wide panes leave room for the names of the layers at the left. */
const NAMES_PX = 168;
export const WIDE_PX = 760;
const EDGE_PX = 14;
/** Over the highest row of a narrow pane stands its name. */
const TOP_PX = 22;
/** Under the lowest nodes stand their labels. */
const LABEL = 28;

/** The viewport in which all of `box` is in the middle of the pane, no nearer than `nearest`. */
export function fitted(box: Box, pane: { width: number; height: number }, nearest: number): Viewport {
  const left = pane.width >= WIDE_PX ? NAMES_PX : EDGE_PX;
  const top = pane.width >= WIDE_PX ? EDGE_PX : TOP_PX;
  const room = { x: Math.max(1, pane.width - left - EDGE_PX), y: Math.max(1, pane.height - top - EDGE_PX) };
  const width = Math.max(1, box.x2 - box.x1);
  const height = Math.max(1, box.y2 - box.y1 + LABEL);
  const zoom = Math.min(room.x / width, room.y / height, nearest);
  return {
    zoom,
    pan: {
      x: left + room.x / 2 - (zoom * (box.x1 + box.x2)) / 2,
      y: top + room.y / 2 - (zoom * (box.y1 + box.y2 + LABEL)) / 2,
    },
  };
}
