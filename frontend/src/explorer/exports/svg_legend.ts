/** The legend and source below a picture of the graph. */

import { svg } from "../../base/dom";
import type { Colours } from "../../circuit/colours";
import type { Overview, ViewGraph } from "../../circuit/types";
import { DASH } from "../graph/style";

/** The left end of the line. */
export function legend(overview: Overview, view: ViewGraph, colours: Colours, x: number, y: number): SVGElement {
  const text = (at: number, line: number, words: string) =>
    svg("text", { x: x + at, y: y + line, "font-size": 12, fill: colours.quiet }, words);
  const stroke = (at: number, colour: string, dash: string | null) =>
    svg("line", {
      x1: x + at,
      x2: x + at + 34,
      y1: y + 8,
      y2: y + 8,
      stroke: colour,
      "stroke-width": 4,
      "stroke-dasharray": dash,
    });
  const hidden = [
    view.hiddenGroups > 0 && `${view.hiddenGroups} groups`,
    view.hiddenEdges > 0 && `${view.hiddenEdges} edges`,
  ].filter(Boolean);
  const left = hidden.length > 0 ? ` Filters hide ${hidden.join(" and ")}.` : "";
  const source = [
    overview.network?.name ?? overview.result?.network.spec,
    overview.dataset?.name ?? overview.result?.data.spec,
  ];
  return svg(
    "g",
    {},
    stroke(0, colours.positive, null),
    text(42, 12, "excites"),
    stroke(96, colours.negative, DASH.join(" ")),
    text(138, 12, "inhibits"),
    text(222, 12, "wider: larger weight; larger group: larger share of the score"),
    text(0, 34, `Class ${overview.class}: ${source.filter(Boolean).join(", ")}. Circuit ${overview.id}.${left}`),
  );
}
