/** Writes down where everything stands, for the exports. */

import type { ViewGraph } from "../../circuit/types";
import { curvePoints } from "./curve";
import { edgeOpacity, edgeWidth } from "./elements";
import { around, type Box, type EdgePicture, type GraphPicture } from "./picture";
import type { Placement } from "./placement";

/** Room around the outermost nodes for their labels. */
const MARGIN = 30;

export function pictureOf(view: ViewGraph, { places, bands }: Placement, visible: Box | null): GraphPicture {
  const nodes = [...view.nodes].sort((a, b) => Number(a.parent !== null) - Number(b.parent !== null));
  const { x1, y1, x2, y2 } = around(places.values());
  const box = { x1: x1 - MARGIN, y1: y1 - MARGIN, x2: x2 + MARGIN, y2: y2 + MARGIN };
  return {
    nodes: nodes.flatMap(({ id }) => {
      const at = places.get(id);
      return at ? [{ id, ...at }] : [];
    }),
    edges: view.edges.flatMap((edge): EdgePicture[] => {
      const source = places.get(edge.source);
      const target = places.get(edge.target);
      if (!source || !target) return [];
      const points = curvePoints(source, target);
      return [{ id: edge.id, points, width: edgeWidth(edge.size), opacity: edgeOpacity(edge.size, view.edges.length) }];
    }),
    layers: bands.map(({ position, top, bottom }) => ({ position, top, bottom, y: (top + bottom) / 2 })),
    box,
    visible: visible ? { x1: visible.x1, y1: visible.y1, x2: visible.x2, y2: visible.y2 } : box,
  };
}
