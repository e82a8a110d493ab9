/** A neuron's core neurons with their core scores, and their weights for each semantic group. */

import { h } from "../../base/dom";
import { count, signed } from "../../base/format";
import { type Meaning, term } from "../../base/term";
import type { Neuron } from "../../circuit/answers";
import { type Context, InspectorWidget } from "../../circuit/inspector_widget";
import { Section, weightBar } from "../../circuit/section";
import type { GroupId } from "../../circuit/types";
import "./neuron_detail.css";

const CORE_NEURON: Meaning = {
  meaning: "One of the neurons in the layer below that score highest for a neuron.",
  anchor: "core-neuron",
};
const CORE_SCORE: Meaning = {
  meaning: "The mean over the neuron’s concept of the absolute attribution to the core neuron.",
  anchor: "core-score",
};
const WEIGHT: Meaning = {
  meaning: "How much the core neuron excites (positive) or inhibits (negative) the neuron.",
  anchor: "weight",
};
const SEMANTIC_GROUP: Meaning = {
  meaning: "One part of the neuron’s concept. The column holds the weights of the core neurons for it.",
  anchor: "semantic-group",
};

export class NeuronDetail extends InspectorWidget {
  readonly element: HTMLElement;

  constructor(
    private readonly context: Context,
    layer: string,
    channel: number,
  ) {
    super();
    const { answers, signal } = context;
    const load = async () => this.content(await answers.neuron(layer, channel, signal));
    this.element = new Section(null, load, signal, 2).element;
    this.element.classList.add("neuron-detail");
  }

  private content(neuron: Neuron): HTMLElement[] {
    const spent = neuron.nodes === null ? "" : ` Computed with ${count(neuron.nodes, "node")}.`;
    if (!neuron.below || neuron.core.length === 0) {
      return [
        h("p", { class: "quiet-text small" }, "This is the lowest layer of the circuit, so there are no core neurons."),
      ];
    }
    const largest = Math.max(...neuron.core.map(({ score }) => score));
    const parts = neuron.semantic_groups;
    const heads = [
      term("Core neuron", CORE_NEURON),
      term("Core score", CORE_SCORE),
      ...parts.map(({ part }) =>
        parts.length > 1 ? term(`Semantic group ${part + 1}`, SEMANTIC_GROUP) : term("Weight", WEIGHT),
      ),
    ];
    const rows = neuron.core.map(({ channel, score }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, String(channel), ...this.groupsOf(neuron.below ?? "", channel)),
        h("td", { class: "score" }, weightBar(score, largest), score.toPrecision(2)),
        ...parts.map(({ weights }) => weightCell(weights.find((weight) => weight.channel === channel)?.weight)),
      ),
    );
    const about =
      `The neurons in ${neuron.below} with the largest core scores for neuron ${neuron.channel}. Weights are ` +
      `signed, and their absolute values add up to 1.${spent}`;
    const head = h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)));
    return [
      h("p", { class: "quiet-text small" }, about),
      h("div", { class: "scroll-x" }, h("table", {}, head, ...rows)),
    ];
  }

  /** Jumps to the groups below that hold a neuron. */
  private groupsOf(layer: string, channel: number): HTMLElement[] {
    const { scene } = this.context;
    const groups = scene.overview.groups.filter((group) => group.layer === layer && group.neurons.includes(channel));
    return groups.map(({ id }) => this.chip(id));
  }

  private chip(group: GroupId): HTMLElement {
    const { scene } = this.context;
    const node = scene.nodeOf(group);
    const chip = h("button", { type: "button", class: "chip", title: scene.fullName(node) }, scene.name(node));
    chip.setAttribute("aria-label", scene.fullName(node));
    this.jump(chip, node);
    return chip;
  }
}

function weightCell(weight: number | undefined): HTMLElement {
  if (weight === undefined) return h("td", {}, "–");
  return h("td", { class: weight < 0 ? "negative" : "positive" }, signed(weight));
}
