/** A node's section in the HTML file: patches, figures, neurons, and edges as links. */

import { h } from "../../base/dom";
import { count, signed } from "../../base/format";
import { Scene } from "../../circuit/scene";
import type { NodeId, ViewEdge, ViewNode } from "../../circuit/types";
import { contributionFact, type Fact, factsOf } from "../inspector/importance";
import type { Seen } from "./draw";

/** `anchors` are the ids of the sections of all nodes. */
export function nodeSection(
  node: ViewNode,
  { overview, view }: Seen,
  patches: readonly (string | null)[],
  anchors: ReadonlyMap<NodeId, string>,
): HTMLElement {
  const scene = new Scene(view, overview);
  const name = scene.fullName(node.id);
  const into = view.edges.filter(({ target }) => target === node.id);
  const outOf = view.edges.filter(({ source }) => source === node.id);
  const list = (title: string, edges: ViewEdge[], end: (edge: ViewEdge) => NodeId) =>
    edgeList(title, edges, (edge) => {
      const id = end(edge);
      return h("a", { href: `#${anchors.get(id) ?? ""}` }, scene.fullName(id));
    });
  return h(
    "section",
    { id: anchors.get(node.id), class: node.parent === null ? "node" : "node part" },
    h("h3", {}, name.charAt(0).toUpperCase() + name.slice(1)),
    h("div", { class: "patches" }, ...patches.map((address, index) => patchImage(address, name, index))),
    figures(factsFor(node, scene)),
    h("p", { class: "quiet" }, `${count(node.neurons.length, "neuron")}: ${node.neurons.join(", ")}`),
    h(
      "div",
      { class: "edges" },
      list("Excited by, below", into.filter(driving), ({ source }) => source),
      list("Inhibited by, below", into.filter(holding), ({ source }) => source),
      list("Excites, above", outOf.filter(driving), ({ target }) => target),
      list("Inhibits, above", outOf.filter(holding), ({ target }) => target),
    ),
  );
}

const driving = ({ weight }: ViewEdge): boolean => weight >= 0;
const holding = ({ weight }: ViewEdge): boolean => weight < 0;

function factsFor(node: ViewNode, scene: Scene): Fact[] {
  const group = node.kind === "part" ? null : scene.group(node.id);
  if (group) return factsOf(group, scene.overview.class);
  return node.contribution === null ? [] : [contributionFact(node.contribution, scene.overview.class)];
}

function figures(facts: readonly Fact[]): HTMLElement | null {
  if (facts.length === 0) return null;
  const rows = facts.map(({ name, value, words, meaning }) =>
    h("div", { title: meaning }, h("dt", {}, name), h("dd", {}, h("strong", {}, value), ` ${words}`)),
  );
  return h("dl", {}, ...rows);
}

function edgeList(title: string, edges: ViewEdge[], link: (edge: ViewEdge) => HTMLElement): HTMLElement | null {
  if (edges.length === 0) return null;
  const heavyFirst = edges.toSorted((one, other) => Math.abs(other.weight) - Math.abs(one.weight));
  const rows = heavyFirst.map((edge) =>
    h("li", {}, link(edge), " ", h("span", { class: "number" }, signed(edge.weight))),
  );
  return h("div", {}, h("h4", {}, title), h("ul", {}, ...rows));
}

function patchImage(address: string | null, name: string, index: number): HTMLElement {
  const alt = `Patch ${index + 1} of ${name}`;
  if (address) return h("img", { src: address, alt, loading: "lazy" });
  return h("span", { class: "missing", role: "img", "aria-label": `${alt}: missing` });
}
