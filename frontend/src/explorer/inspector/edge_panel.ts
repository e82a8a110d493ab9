/** The panel of an edge: weight, ends, pairs of neurons, and the patches with the largest share. */

import { h } from "../../base/dom";
import { signed } from "../../base/format";
import { term } from "../../base/term";
import { plainPicture } from "../../base/picture";
import type { EdgeDetail } from "../../circuit/answers";
import { InspectorWidget } from "../../circuit/inspector_widget";
import { readPart } from "../../circuit/model/ids";
import { capital } from "../../circuit/scene";
import { balanceBar, panelHead, Section, shortList, tileStrip } from "../../circuit/section";
import type { EdgeId, NodeId } from "../../circuit/types";
import { NotesSection } from "../../sharing/notes_section";
import { linksBetween, net, type Pair, pairsOf, partsOfSum, patchesOf, type WeighedPatch } from "./pairs";
import type { PanelContext } from "./panel_context";
import { recomputeHint } from "./recompute_hint";
import "./edge_panel.css";

const MOST_PAIRS = 12;
const MOST_PATCHES = 8;

export interface EdgeEnds {
  id: EdgeId;
  source: NodeId;
  target: NodeId;
  weight: number;
}

export class EdgePanel extends InspectorWidget {
  readonly element: HTMLElement;

  constructor(
    private readonly context: PanelContext,
    private readonly edge: EdgeEnds,
  ) {
    super();
    const { scene, signal } = context;
    const { source, target, weight } = edge;
    const does = weight < 0 ? "inhibits" : "excites";
    const from = (build: (details: EdgeDetail[]) => Node[]) => async () => build(await this.details());
    this.element = h(
      "div",
      {},
      panelHead(
        `${capital(scene.name(source))} ${does} ${scene.name(target)}`,
        `edge from ${scene.layerOf(source)} up to ${scene.layerOf(target)}`,
      ),
      this.ends(),
      new Section(
        null,
        from((details) => this.weights(details)),
        signal,
        1,
      ).element,
      new Section(
        "Pairs of neurons",
        from((details) => this.pairs(details)),
        signal,
        4,
      ).element,
      new Section(
        "Patches with the largest share",
        from((details) => this.patches(details)),
        signal,
        8,
      ).element,
      this.notes(),
    );
  }

  /** Only edges between two groups have notes, not sums of edges or edges between parts. */
  private notes(): HTMLElement | null {
    const { circuitNotes, scene, signal } = this.context;
    const { source, target } = this.edge;
    if (!circuitNotes || !scene.group(source) || !scene.group(target)) return null;
    return new NotesSection(circuitNotes, { kind: "edge", source, target }, "this edge", signal).element;
  }

  private ends(): HTMLElement {
    const end = (label: string, id: NodeId) => {
      const { scene } = this.context;
      const to = h(
        "button",
        { type: "button", class: "edge-end" },
        h("span", { class: "small quiet-text" }, label),
        h("span", {}, capital(scene.fullName(id))),
        tileStrip(scene, id, 5),
      );
      this.jump(to, id);
      return to;
    };
    return h("div", { class: "edge-ends" }, end("To (above)", this.edge.target), end("From (below)", this.edge.source));
  }

  /** The details of each edge between groups that this edge stands for. */
  private details(): Promise<EdgeDetail[]> {
    const { answers, scene, signal } = this.context;
    const lower = new Set(scene.members(this.edge.source));
    const upper = new Set(scene.members(this.edge.target));
    const links = scene.overview.edges.filter(({ source, target }) => lower.has(source) && upper.has(target));
    return Promise.all(links.map(({ source, target }) => answers.edge(source, target, signal)));
  }

  private weights(details: EdgeDetail[]): Node[] {
    const { source, target } = this.edge;
    const links = linksBetween(details, source, target);
    const sums = this.hasPart()
      ? partsOfSum(links?.map(({ weight }) => weight) ?? [])
      : { positive: sum(details, "positive"), negative: sum(details, "negative") };
    const weight = sums.positive + sums.negative;
    const largest = Math.max(sums.positive, -sums.negative);
    const meaning =
      "The weights from the lower group’s neurons to the upper group’s neurons, added up. The absolute weights into a " +
      "semantic group add up to 1, so an edge between large groups can exceed 1.";
    const known = links || !this.hasPart();
    return [
      h(
        "p",
        {},
        term("Weight", { meaning, anchor: "weight" }),
        " ",
        h("strong", { class: "number" }, signed(known ? weight : this.edge.weight)),
      ),
      ...(known
        ? [
            balanceBar(sums.positive, sums.negative, largest),
            h(
              "p",
              { class: "balance-words small quiet-text number" },
              h("span", {}, `${signed(sums.negative)} inhibits`),
              h("span", {}, `${signed(sums.positive)} excites`),
            ),
          ]
        : []),
      h("details", { class: "small quiet-text" }, h("summary", {}, "What does this number mean?"), h("p", {}, meaning)),
    ];
  }

  private pairs(details: EdgeDetail[]): Node[] {
    const links = linksBetween(details, this.edge.source, this.edge.target);
    if (!links) return [recomputeHint(this.context.answers.circuit, "The pairs of neurons of this edge")];
    const pairs = pairsOf(links);
    if (pairs.length === 0) return [h("p", { class: "quiet-text" }, "No pairs of neurons.")];
    const largest = Math.max(...pairs.map(({ positive, negative }) => Math.max(positive, -negative)));
    const about = "Lower neuron → upper neuron. A bar to both sides means that positive and negative weights cancel.";
    return [
      h("p", { class: "small quiet-text" }, about),
      shortList(pairs, (pair) => pairRow(pair, largest), MOST_PAIRS, "ol"),
    ];
  }

  private patches(details: EdgeDetail[]): Node[] {
    const patches = patchesOf(details);
    if (!patches) return [recomputeHint(this.context.answers.circuit, "The patches of this edge")];
    if (patches.length === 0) return [h("p", { class: "quiet-text" }, "No patches.")];
    const whole = this.hasPart() && h("p", { class: "small quiet-text" }, "For the whole edge between the two groups.");
    const items = patches.slice(0, MOST_PATCHES).map(patchItem);
    return [...(whole ? [whole] : []), h("ol", { class: "edge-patches" }, ...items)];
  }

  private hasPart(): boolean {
    return readPart(this.edge.source) !== null || readPart(this.edge.target) !== null;
  }
}

function pairRow(pair: Pair, largest: number): HTMLElement {
  const { source, target, positive, negative } = pair;
  const cancels = positive > 0 && negative < 0;
  const parts = cancels ? `${signed(positive)} and ${signed(negative)}, which partly cancel` : "";
  return h(
    "li",
    { class: "pair", title: parts },
    h("span", { class: "number" }, `${source} → ${target}`),
    balanceBar(positive, negative, largest),
    h(
      "span",
      { class: "number" },
      signed(net(pair), 3),
      cancels && h("span", { class: "visually-hidden" }, `: ${parts}`),
    ),
  );
}

function patchItem({ picture: address, image, weight }: WeighedPatch): HTMLElement {
  const sign = weight < 0 ? "negative" : "positive";
  const number = h("span", { class: `small number ${sign}` }, signed(weight, 3));
  return h("li", { class: sign, title: image.name }, plainPicture(address, `Patch of ${image.name}`), number);
}

function sum(details: readonly EdgeDetail[], part: "positive" | "negative"): number {
  return details.reduce((total, detail) => total + detail[part], 0);
}
