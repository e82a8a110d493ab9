/** The graph as a self-contained SVG picture: embedded patches, text as text, attributes instead of styles. */

import { svg } from "../../base/dom";
import { count } from "../../base/format";
import type { Colours } from "../../circuit/colours";
import type { NodeId, Overview, ViewEdge, ViewGraph, ViewNode } from "../../circuit/types";
import type { Box, EdgePicture, GraphPicture, NodePicture } from "../graph/picture";
import { DASH } from "../graph/style";
import { legend } from "./svg_legend";

export interface Drawing {
  overview: Overview;
  view: ViewGraph;
  picture: GraphPicture;
  /** Mosaics of nodes as data addresses. */
  mosaics: ReadonlyMap<NodeId, string>;
  colours: Colours;
  /** Draw only the visible part. */
  cut: boolean;
  /** The link of a node, in files with more details. */
  link?: (node: NodeId) => string;
}

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";
const MARGIN = 28;
/** Room for the names of the layers at the left. */
const NAMES = 190;
const LEGEND = 64;

/** The picture. `box` contains everything that it shows, in the graph's units. */
export function graphSvg(drawing: Drawing): SVGSVGElement {
  const { overview, view, picture, colours } = drawing;
  const box = extent(drawing);
  const [width, height] = [box.x2 - box.x1, box.y2 - box.y1];
  const nodes = new Map(view.nodes.map((node) => [node.id, node]));
  const edges = new Map(view.edges.map((edge) => [edge.id, edge]));
  const open = picture.nodes.filter(({ id }) => nodes.get(id)?.expanded);
  const closed = picture.nodes.filter(({ id }) => !nodes.get(id)?.expanded);
  const order = new Map(picture.nodes.map(({ id }, index) => [id, index]));
  const drawn = (places: NodePicture[]) =>
    places.map((place) => {
      const node = nodes.get(place.id);
      return node ? nodeShape(node, place, order.get(place.id) ?? 0, drawing) : null;
    });
  const heavyLast = [...picture.edges].sort((one, other) => one.width - other.width);
  return svg(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: [box.x1, box.y1, width, height].map(rounded).join(" "),
      width: rounded(width),
      height: rounded(height),
      "font-family": FONT,
      role: "img",
    },
    svg("title", {}, `Circuit of ${overview.class}`),
    svg("desc", {}, describe(drawing)),
    svg("rect", {
      x: rounded(box.x1),
      y: rounded(box.y1),
      width: rounded(width),
      height: rounded(height),
      fill: colours.page,
    }),
    svg("g", {}, ...bands(drawing, box)),
    svg("g", {}, ...drawn(open)),
    svg("g", { fill: "none" }, ...heavyLast.map((path) => edgePath(path, edges.get(path.id), colours))),
    svg("g", {}, ...drawn(closed)),
    svg("g", {}, ...names(drawing, box)),
    legend(overview, view, colours, box.x1 + MARGIN, box.y2 - LEGEND + 12),
  );
}

function extent({ picture, cut }: Drawing): Box {
  const { box, visible } = picture;
  if (cut) return { x1: visible.x1, y1: visible.y1, x2: visible.x2, y2: visible.y2 + LEGEND };
  return {
    x1: box.x1 - NAMES - MARGIN,
    y1: box.y1 - MARGIN,
    x2: Math.max(box.x2, box.x1 + 560) + MARGIN,
    y2: box.y2 + MARGIN + LEGEND,
  };
}

function bands({ picture, colours }: Drawing, box: Box): SVGElement[] {
  return picture.layers.map(({ top, bottom }, index) =>
    svg("rect", {
      x: rounded(box.x1),
      y: rounded(top),
      width: rounded(box.x2 - box.x1),
      height: rounded(Math.max(0, bottom - top)),
      fill: colours.sunken,
      opacity: index % 2 === 0 ? 0.9 : 0.5,
    }),
  );
}

function names({ view, picture, colours }: Drawing, box: Box): SVGElement[] {
  return picture.layers.flatMap(({ position, top }) => {
    const layer = view.layers.find((found) => found.position === position);
    if (!layer) return [];
    const shown = layer.shown === layer.groups ? "" : `${layer.shown} of `;
    const x = rounded(box.x1 + MARGIN / 2);
    return [
      svg(
        "text",
        { x, y: rounded(top + 20), "font-size": 15, "font-weight": 600, fill: colours.text },
        short(layer.name, 22),
      ),
      svg(
        "text",
        { x, y: rounded(top + 38), "font-size": 12, fill: colours.quiet },
        `${shown}${count(layer.groups, "group")}`,
      ),
    ];
  });
}

function edgePath(
  { points, width, opacity }: EdgePicture,
  edge: ViewEdge | undefined,
  colours: Colours,
): SVGElement | null {
  if (!edge) return null;
  const [start, first, middle, second, end] = points.map(({ x, y }) => `${rounded(x)} ${rounded(y)}`);
  const negative = edge.weight < 0;
  return svg("path", {
    d: `M ${start} Q ${first} ${middle} Q ${second} ${end}`,
    stroke: negative ? colours.negative : colours.positive,
    "stroke-width": rounded(width),
    "stroke-opacity": rounded(opacity),
    "stroke-dasharray": negative ? DASH.join(" ") : null,
  });
}

/** `index` makes the ids of the node's elements unique. */
function nodeShape(node: ViewNode, place: NodePicture, index: number, { mosaics, colours, link }: Drawing): SVGElement {
  const [x, y] = [place.x - place.width / 2, place.y - place.height / 2];
  const part = node.kind === "part";
  const radius = node.expanded ? 12 : part ? 5 : 8;
  const frame = {
    x: rounded(x),
    y: rounded(y),
    width: rounded(place.width),
    height: rounded(place.height),
    rx: radius,
  };
  const picture = node.expanded ? undefined : mosaics.get(node.id);
  const negative = (node.contribution ?? 0) < 0;
  const stroke = part
    ? colours.lineStrong
    : node.kind === "class"
      ? colours.text
      : negative
        ? colours.negative
        : colours.positive;
  const size = part ? 11 : node.kind === "class" ? 19 : node.expanded ? 16 : 15;
  const shape = svg(
    "g",
    {},
    svg("title", {}, titleOf(node)),
    svg("rect", { ...frame, fill: node.expanded ? colours.raised : colours.sunken }),
    picture && svg("clipPath", { id: `frame-${index}` }, svg("rect", frame)),
    picture && svg("image", { ...frame, rx: null, href: picture, "clip-path": `url(#frame-${index})` }),
    svg("rect", {
      ...frame,
      fill: "none",
      stroke,
      "stroke-width": node.kind === "super" ? 4 : part ? 1 : 2,
      "stroke-dasharray": negative && !part ? "6 4" : null,
    }),
    svg(
      "text",
      {
        x: rounded(place.x),
        y: rounded(node.expanded ? y - 6 : y + place.height + size + 2),
        "text-anchor": "middle",
        "font-size": size,
        "font-weight": node.kind === "class" || node.expanded ? 600 : null,
        fill: colours.text,
        stroke: colours.page,
        "stroke-width": 3,
        "stroke-linejoin": "round",
        "paint-order": "stroke",
      },
      short(node.label, part ? 13 : 20),
    ),
  );
  return link ? svg("a", { href: link(node.id) }, shape) : shape;
}

function titleOf(node: ViewNode): string {
  const share = node.contribution === null ? "" : `, contribution ${(100 * node.contribution).toFixed(1)} %`;
  return `${node.label}${share}`;
}

function describe({ overview, view }: Drawing): string {
  const shown = `${count(view.nodes.filter(({ parent }) => parent === null).length, "node")} and ${count(view.edges.length, "edge")}`;
  return `Circuit ${overview.id}: how a network recognises the class ${overview.class}, from low layers to the class on top. ${shown}.`;
}

function short(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}
