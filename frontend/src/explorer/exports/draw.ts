/** Draws the graph with the pictures of its patches. */

import type { Colours } from "../../circuit/colours";
import type { NodeId, Overview, ViewGraph, ViewNode } from "../../circuit/types";
import type { GraphPicture } from "../graph/picture";
import { Cuttings, type Source } from "./cuttings";
import { graphSvg } from "./svg";

export interface Seen {
  overview: Overview;
  view: ViewGraph;
  picture: GraphPicture;
}

/** Reports the progress. */
export type Progress = (done: number, total: number) => void;

/** Pictures are sharp at twice the displayed size. */
const DENSITY = 2;
const MOST_PIXELS = 400;
const MOST_PATCHES = 9;

/** The picture of the whole graph, or of its visible part. */
export async function draw(seen: Seen, colours: Colours, cut: boolean, progress: Progress): Promise<SVGSVGElement> {
  const cuttings = new Cuttings();
  try {
    const mosaics = await mosaicsOf(seen, colours, cuttings, progress);
    return graphSvg({ ...seen, colours, cut, mosaics });
  } finally {
    cuttings.close();
  }
}

/** The mosaic of each node that has patches. */
export async function mosaicsOf(
  { view, picture }: Seen,
  colours: Colours,
  cuttings: Cuttings,
  progress: Progress,
): Promise<Map<NodeId, string>> {
  const places = new Map(picture.nodes.map((place) => [place.id, place]));
  const pictured = view.nodes.filter((node) => !node.expanded && sourcesOf(node).length > 0 && places.has(node.id));
  const mosaics = new Map<NodeId, string>();
  for (const [index, node] of pictured.entries()) {
    const side = Math.min(MOST_PIXELS, Math.round(DENSITY * (places.get(node.id)?.width ?? 0)));
    const mosaic = side > 0 ? await cuttings.mosaic(sourcesOf(node), side, colours.sunken) : null;
    if (mosaic) mosaics.set(node.id, mosaic);
    progress(index + 1, pictured.length);
  }
  return mosaics;
}

function sourcesOf(node: ViewNode): Source[] {
  return (node.tiles.length > 0 ? node.tiles : node.pictures).slice(0, MOST_PATCHES);
}

/** The text of an SVG file. */
export function svgText(picture: SVGSVGElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(picture)}\n`;
}
