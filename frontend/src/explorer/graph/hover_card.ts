/** The card next to the pointer: the figures of a node or an edge. */

import { h } from "../../base/dom";
import { percent, signed } from "../../base/format";
import { figureText, GROUP_FIGURES, LISTED } from "../../circuit/group_figures";
import { LIT_WORDS, type Mark, type Marks } from "../../circuit/model/marks";
import type { EdgeId, Group, GroupId, NodeId, ViewEdge, ViewGraph, ViewNode } from "../../circuit/types";
import { DEFINITIONS } from "../../lens/definitions";
import "./hover_card.css";

type Line = [name: string, value: string, meaning: string];

const AWAY_PX = 14;

/** What the card shows. */
export interface Told {
  view: ViewGraph;
  groups: ReadonlyMap<GroupId, Group>;
  /** Of an open image. */
  marks: Marks | null;
}

export class HoverCard {
  readonly element = h("div", { class: "graph-card", role: "tooltip", hidden: true });

  hide(): void {
    this.element.hidden = true;
  }

  /** Shows a node or an edge of the view, next to the point (`x`, `y`) of the pane; hides for anything else. */
  tell({ view, groups, marks }: Told, id: NodeId | EdgeId | null, x: number, y: number): void {
    const node = view.nodes.find((one) => one.id === id);
    const edge = view.edges.find((one) => one.id === id);
    if (node) {
      const [only, ...others] = node.members;
      const group = (others.length === 0 && groups.get(only ?? "")) || null;
      this.show(
        fullName(node),
        whereIs(view, node),
        [...imageLines(marks?.get(node.id)), ...nodeLines(node, group)],
        x,
        y,
      );
    } else if (edge) {
      const ends = [edge.source, edge.target].flatMap((end) => view.nodes.find((one) => one.id === end) ?? []);
      const layers = ends.map((end) => whereIs(view, end)).join(" → ");
      this.show(ends.map(fullName).join(" → "), layers, edgeLines(edge), x, y);
    } else this.hide();
  }

  /** Places the card on the side that has room. */
  private show(title: string, under: string, lines: readonly Line[], x: number, y: number): void {
    this.element.replaceChildren(
      h("strong", {}, title),
      h("span", { class: "quiet-text" }, under),
      h(
        "dl",
        {},
        ...lines.flatMap(([name, value, meaning]) => [
          h("dt", {}, name),
          h("dd", { class: "number" }, value),
          h("dd", { class: "graph-card-meaning" }, meaning),
        ]),
      ),
    );
    this.element.hidden = false;
    const pane = this.element.parentElement;
    if (!pane) return;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = x + AWAY_PX + width > pane.clientWidth ? x - AWAY_PX - width : x + AWAY_PX;
    const top = Math.min(y + AWAY_PX, pane.clientHeight - height - AWAY_PX);
    this.element.style.transform = `translate(${Math.max(0, left)}px, ${Math.max(0, top)}px)`;
  }
}

/** `group 3`, as the number alone would be unclear outside the graph. */
function fullName(node: ViewNode): string {
  return (node.kind === "group" || node.kind === "super") && /^[\d +]+$/.test(node.label)
    ? `group ${node.label}`
    : node.label;
}

/** The card's lines about a node in the open image. */
function imageLines(mark: Mark | undefined): Line[] {
  if (!mark) return [];
  const { lit, percentile, score } = mark;
  const state = lit === "silent" ? "silent: usually fires for the class" : LIT_WORDS[lit].replace("–", "");
  const lines: Line[] = [[DEFINITIONS.score.name, score.toFixed(2), state]];
  if (percentile === null) return lines;
  return [
    [DEFINITIONS.percentile.name, String(Math.round(percentile)), "% of the traced images score lower"],
    ...lines,
  ];
}

/** The card's lines about a node; `group` is its group, if it has only one. */
export function nodeLines(node: ViewNode, group: Group | null): Line[] {
  const own = node.kind === "part" ? null : group;
  const lines = LISTED.flatMap((name): Line[] => {
    const value = name === "contribution" ? (node.kind === "class" ? null : node.contribution) : (own?.[name] ?? null);
    if (value === null) return [];
    const { label, says } = GROUP_FIGURES[name];
    const measured = name === "logit_drop" ? `, mean over ${figureText("held_out", own?.held_out ?? null)}` : "";
    return [[label, figureText(name, value), says(value) + measured]];
  });
  return [...lines, ["Neurons", String(node.neurons.length), neuronList(node.neurons)]];
}

/** The card's lines about an edge. */
function edgeLines(edge: ViewEdge): Line[] {
  const sense = edge.weight < 0 ? "the lower group inhibits the upper one" : "the lower group excites the upper one";
  return [
    ["Weight", signed(edge.weight), sense],
    ["Relative size", percent(edge.size), "of the largest weight between these layers"],
  ];
}

/** The name of its layer. */
function whereIs(view: ViewGraph, node: ViewNode): string {
  return view.layers.find((layer) => layer.position === node.layer)?.name ?? "";
}

function neuronList(neurons: readonly number[]): string {
  const most = 6;
  return neurons.slice(0, most).join(", ") + (neurons.length > most ? ", …" : "");
}
