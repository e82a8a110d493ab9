/** What stands in the columns of the circuit's table. */

import { h } from "../base/dom";
import { count, percent, signed } from "../base/format";
import { LIT_WORDS } from "../circuit/model/marks";
import { type Column, type Row, rowName } from "../circuit/model/rows";
import { nodePicture } from "../circuit/section";
import type { EdgeId, NodeId } from "../circuit/types";

/** `image` where there is something to say only while an image is open. */
export const COLUMNS: readonly { column: Column; label: string; title: string; image?: true }[] = [
  { column: "label", label: "Group", title: "Sort by name" },
  { column: "layer", label: "Layer", title: "Sort by layer" },
  { column: "score", label: "M", title: "How strongly the image fires it; about 1 as its own patches do", image: true },
  {
    column: "percentile",
    label: "Percentile",
    title: "How much of the class's own images fire it less than this one",
    image: true,
  },
  { column: "contribution", label: "Contribution", title: "Signed share of the class's score that flows through it" },
  { column: "drop", label: "Logit drop", title: "How far the class's score falls without it, on held-out images" },
  { column: "silhouette", label: "Silhouette", title: "How well it is told apart from other groups, from −1 to 1" },
  { column: "neurons", label: "Neurons", title: "How many neurons it has" },
  { column: "into", label: "Strongest in", title: "The heaviest edge that comes from below" },
  { column: "outOf", label: "Strongest out", title: "The heaviest edge that leads above" },
];

const NOTHING = "–";

/** Cells of a row; those of an image only where one is open. `notes` is how many hang on it. */
export function cellsOf(row: Row, select: (id: NodeId | EdgeId) => void, image: boolean, notes = 0): HTMLElement[] {
  const { node, mark } = row;
  const jump = (id: NodeId | EdgeId, ...content: (Node | string | null)[]) => {
    const button = h("button", { type: "button", class: "quiet" }, ...content);
    button.addEventListener("click", (event) => {
      if (event.shiftKey) return;
      event.preventDefault();
      select(id);
    });
    return button;
  };
  const edge = (end: Row["into"]) =>
    h(
      "td",
      {},
      end
        ? jump(
            end.edge.id,
            h("span", { class: end.edge.weight < 0 ? "ex-negative" : "ex-positive" }, signed(end.edge.weight)),
            end.other,
          )
        : NOTHING,
    );
  return [
    h(
      "th",
      { scope: "row" },
      jump(node.id, nodePicture(node), h("span", {}, rowName(node))),
      notes > 0 && h("span", { class: "ex-notes small" }, count(notes, "note")),
    ),
    h("td", {}, row.layerName),
    ...(image
      ? [
          h("td", { class: "number" }, mark ? mark.score.toFixed(2) : NOTHING),
          h(
            "td",
            { class: "number" },
            mark?.percentile === null || !mark ? NOTHING : String(Math.round(mark.percentile)),
            mark && h("span", { class: `ex-lit ${mark.lit}` }, mark.lit === "neither" ? "" : ` ${LIT_WORDS[mark.lit]}`),
          ),
        ]
      : []),
    h("td", { class: "number" }, node.contribution === null ? NOTHING : percent(node.contribution, 1)),
    h("td", { class: "number" }, row.drop === null ? NOTHING : signed(row.drop)),
    h("td", { class: "number" }, row.silhouette === null ? NOTHING : row.silhouette.toFixed(2)),
    h("td", { class: "number" }, String(node.neurons.length)),
    edge(row.into),
    edge(row.outOf),
  ];
}
