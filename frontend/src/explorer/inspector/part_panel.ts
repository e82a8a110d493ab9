/** The panel of a semantic group: patches, edges, core neurons. */

import { h } from "../../base/dom";
import { figureText, GROUP_FIGURES } from "../../circuit/group_figures";
import { type Context, InspectorWidget } from "../../circuit/inspector_widget";
import { readPart } from "../../circuit/model/ids";
import { capital } from "../../circuit/scene";
import { panelHead, patchStrip, Section } from "../../circuit/section";
import type { NodeId } from "../../circuit/types";
import { EdgeLists, endsOfNode } from "./edge_lists";
import { factList } from "./importance";
import { NeuronDetail } from "./neuron_detail";
import { recomputeHint } from "./recompute_hint";

const PATCHES = 9;

export class PartPanel extends InspectorWidget {
  readonly element: HTMLElement;

  constructor(
    private readonly context: Context,
    private readonly id: NodeId,
  ) {
    super();
    const { scene, signal } = context;
    const { group, channel, part } = readPart(id) ?? { group: id, channel: 0, part: 0 };
    const layer = scene.layerOf(id);
    const back = h("button", { type: "button", class: "quiet" }, `In ${scene.name(group)}`);
    this.jump(back, group);
    this.element = h(
      "div",
      {},
      panelHead(capital(scene.name(id)), `semantic group ${part + 1} of neuron ${channel} in ${layer}`),
      back,
      new Section("Patches", () => this.patches(group, channel, part), signal, 9).element,
      new Section("Edges", () => this.edges(group), signal, 2).element,
      h(
        "section",
        { class: "inspector-section" },
        h("h3", {}, "Core neurons"),
        this.pass(new NeuronDetail(context, layer, channel)).element,
      ),
    );
  }

  private async patches(group: string, channel: number, part: number): Promise<Node[]> {
    const { answers, signal } = this.context;
    const { neurons } = await answers.members(group, signal);
    const neuron = neurons.find((found) => found.channel === channel);
    const own = neuron?.parts.find((found) => found.part === part);
    if (!neuron || !own) return [h("p", { class: "quiet-text" }, "This semantic group is no longer in the circuit.")];
    const activation = {
      name: "Activation",
      value: neuron.activation.toFixed(2),
      words: "Mean over the neuron’s concept.",
      meaning:
        "A neuron’s response to a patch, pooled to one number. You cannot compare activations of different layers.",
      anchor: "activation",
    };
    const fit = {
      name: GROUP_FIGURES.silhouette.label,
      value: figureText("silhouette", own.silhouette),
      words:
        own.silhouette === null
          ? "The neuron has only one semantic group."
          : "How well the neuron’s semantic groups are separated.",
      meaning: "How well the parts of the neuron’s concept are separated, from −1 to 1. Higher is better.",
      anchor: "silhouette",
    };
    const strip = patchStrip(own.patches, PATCHES);
    strip.classList.add("large");
    return [factList([activation, fit]), strip];
  }

  private async edges(group: string): Promise<Node[]> {
    const { answers, scene, signal } = this.context;
    const { links, circuit } = await answers.members(group, signal);
    if (!links) return [recomputeHint(circuit, "The edges of single neurons")];
    return [this.pass(new EdgeLists(scene, endsOfNode(this.id, scene))).element];
  }
}
