/**
 * A circuit as one HTML file that works offline and without scripts: the picture of the graph, then a section for
 * each node, with all patches embedded.
 *
 * All text goes through text nodes, which the browser escapes: user input cannot become markup.
 */

import { h } from "../../base/dom";
import { LIGHT } from "../../circuit/colours";
import type { NodeId, ViewNode } from "../../circuit/types";
import { Cuttings, type Source } from "./cuttings";
import { mosaicsOf, type Seen, type Progress } from "./draw";
import { aboutSection } from "./html_about";
import { nodeSection } from "./html_node";
import { HTML_STYLE } from "./html_style";
import { graphSvg } from "./svg";

/** The file's policy forbids everything that it does not need. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** `address` is the address of the view. */
export async function htmlFile(seen: Seen, address: string, progress: Progress): Promise<string> {
  const { overview, view } = seen;
  const nodes = inOrder(view.nodes);
  const cuttings = new Cuttings();
  try {
    const steps = 2 * nodes.length;
    const mosaics = await mosaicsOf(seen, LIGHT, cuttings, (done) => progress(done, steps));
    const anchors = new Map(nodes.map((node, index) => [node.id, `node-${index}`]));
    const link = (id: NodeId) => `#${anchors.get(id) ?? ""}`;
    const graph = graphSvg({ ...seen, colours: LIGHT, cut: false, mosaics, link });
    const sections: HTMLElement[] = [];
    for (const [index, node] of nodes.entries()) {
      const patches = await Promise.all(patchesOf(node, seen).map((source) => cuttings.patch(source)));
      sections.push(nodeSection(node, seen, patches, anchors));
      progress(nodes.length + index + 1, steps);
    }
    const body = h(
      "main",
      {},
      h("h1", {}, `How the network recognises “${overview.class}”`),
      h("p", {}, GUIDE),
      h("div", { class: "graph" }, graph),
      h("h2", { class: "nodes" }, "Groups, from high to low layers"),
      ...sections,
      aboutSection(overview, view, address),
    );
    return page(h("title", {}, `Circuit of ${overview.class}, ${overview.id}`), body);
  } finally {
    cuttings.close();
  }
}

const GUIDE =
  "Each square is a group of neurons of one layer, drawn with the patches that it fires on. Lines lead up to the groups " +
  "that it excites (blue) or inhibits (orange, dashed); wider lines have larger weights. Click a square to jump to its section.";

function page(title: HTMLElement, body: HTMLElement): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    title.outerHTML,
    `<style>${HTML_STYLE}</style>`,
    "</head>",
    "<body>",
    body.outerHTML,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** From the top layer down, the most important first; parts after their group. */
function inOrder(nodes: readonly ViewNode[]): ViewNode[] {
  const whole = nodes.filter(({ parent }) => parent === null);
  whole.sort((one, other) => other.layer - one.layer || other.size - one.size);
  return whole.flatMap((node) => [node, ...nodes.filter(({ parent }) => parent === node.id)]);
}

/** All exemplars of a node's groups, on the layers' sheets; for a part, its pictures. */
export function patchesOf(node: ViewNode, { overview }: Seen): Source[] {
  if (node.kind === "part") return node.pictures;
  return node.members.flatMap((id): Source[] => {
    const group = overview.groups.find((found) => found.id === id);
    const layer = overview.layers.find((found) => found.name === group?.layer);
    if (!group || !layer) return [];
    const { sprite, tile } = layer;
    if (!sprite || !tile) return group.picture ? [group.picture] : [];
    const rows = overview.groups.filter((found) => found.layer === layer.name).sort((a, b) => a.number - b.number);
    const y = tile * rows.findIndex((found) => found.id === id);
    return Array.from({ length: group.exemplars }, (_, column) => ({ sheet: sprite, x: tile * column, y, side: tile }));
  });
}
