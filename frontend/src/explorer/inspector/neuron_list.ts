/** A group's neurons with the patches of each semantic group, and details on demand. */

import { h } from "../../base/dom";
import { term } from "../../base/term";
import type { GroupDetail, Members } from "../../circuit/answers";
import { type Context, InspectorWidget } from "../../circuit/inspector_widget";
import { patchStrip, shortList } from "../../circuit/section";
import { NeuronDetail } from "./neuron_detail";
import "./neuron_list.css";

const MOST = 6;
const PATCHES = 6;

type Member = Members["neurons"][number];

export class NeuronList extends InspectorWidget {
  readonly element: HTMLElement;
  private readonly completeness: ReadonlyMap<number, number | null>;

  constructor(
    private readonly context: Context,
    private readonly members: Members,
    group: GroupDetail,
  ) {
    super();
    this.completeness = new Map(group.neurons.map(({ channel, completeness }) => [channel, completeness]));
    const strongest = members.neurons.toSorted((one, other) => other.activation - one.activation);
    this.element = shortList(strongest, (neuron) => this.row(neuron), MOST);
  }

  private row(neuron: Member): HTMLElement {
    const { channel, activation, parts } = neuron;
    const more = h("button", { type: "button", class: "quiet small", "aria-expanded": "false" }, "Details");
    more.setAttribute("aria-label", `Details of neuron ${channel}`);
    const detail = h("div");
    more.addEventListener("click", () => this.toggle(more, detail, channel));
    const head = h(
      "div",
      { class: "neuron-head" },
      h("strong", {}, `neuron ${channel}`),
      figure("activation", activation.toFixed(2), "Mean activation over the patches of its concept", "activation"),
      this.completenessOf(channel),
      more,
    );
    return h("li", { class: "neuron" }, head, ...parts.map((part) => this.part(part, parts.length)), detail);
  }

  private part({ part, silhouette, patches }: Member["parts"][number], parts: number): HTMLElement {
    const fit = silhouette === null ? "" : `, silhouette ${silhouette.toFixed(2)}`;
    const caption = parts > 1 && h("p", { class: "small quiet-text" }, `Semantic group ${part + 1}${fit}`);
    return h("div", {}, caption, patchStrip(patches, PATCHES));
  }

  private completenessOf(channel: number): HTMLElement | null {
    const error = this.completeness.get(channel);
    if (error === null || error === undefined) return null;
    const why = "Completeness: relative error of the sum of the attributions. Lower is better.";
    return figure("error", error < 0.001 ? "< 0.1 %" : `${(100 * error).toFixed(1)} %`, why, "completeness");
  }

  private toggle(button: HTMLElement, place: HTMLElement, channel: number): void {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    place.replaceChildren();
    if (open) place.append(this.pass(new NeuronDetail(this.context, this.members.layer, channel)).element);
  }
}

function figure(name: string, value: string, meaning: string, anchor: string): HTMLElement {
  return h("span", { class: "small quiet-text number" }, term(name, { meaning, anchor }), ` ${value}`);
}
