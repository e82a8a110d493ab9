/** The panel of a group: figures, exemplars, neurons, edges, notes. */

import { h } from "../../base/dom";
import { count } from "../../base/format";
import { InspectorWidget } from "../../circuit/inspector_widget";
import { capital, placeOf } from "../../circuit/scene";
import { panelHead, Section } from "../../circuit/section";
import type { GroupId } from "../../circuit/types";
import { LabelHead } from "../../sharing/label_head";
import { jumpToNotes, NotesSection } from "../../sharing/notes_section";
import { EdgeLists, endsOfGroup } from "./edge_lists";
import { ExemplarGrid } from "./exemplar_grid";
import { factList, factsOf } from "./importance";
import { NeuronList } from "./neuron_list";
import type { PanelContext } from "./panel_context";

export class GroupPanel extends InspectorWidget {
  readonly element: HTMLElement;

  constructor(
    private readonly context: PanelContext,
    private readonly id: GroupId,
  ) {
    super();
    const { scene, signal } = context;
    const group = scene.group(id);
    const { circuitNotes } = context;
    const subject = { kind: "group", group: id } as const;
    const notes = circuitNotes && new NotesSection(circuitNotes, subject, scene.fullName(id), signal).element;
    this.element = h(
      "div",
      {},
      this.head(),
      this.named(notes),
      context.image?.of(id, context),
      group && factList(factsOf(group, scene.overview.class)),
      new Section("Exemplars", () => this.exemplars(), signal, 9).element,
      new Section("Edges", () => this.edges(), signal).element,
      new Section("Neurons and their patches", () => this.neurons(), signal).element,
      notes,
    );
  }

  /** Updates the title when the label changes. */
  private head(): HTMLElement {
    const { circuitNotes, scene, signal } = this.context;
    const slot = h("div", {}, this.title(scene.name(this.id)));
    const { number } = placeOf(this.id);
    const show = () => slot.replaceChildren(this.title(circuitNotes?.names().get(this.id) ?? `group ${number}`));
    circuitNotes?.on("labels", show, signal);
    return slot;
  }

  private named(notes: HTMLElement | null | undefined): HTMLElement | null {
    const { circuitNotes, signal } = this.context;
    if (!circuitNotes || !notes) return null;
    const jump = jumpToNotes(circuitNotes, { kind: "group", group: this.id }, notes, signal);
    return new LabelHead(circuitNotes, this.id, signal, jump).element;
  }

  private title(own: string): HTMLElement {
    const { scene } = this.context;
    const node = scene.node(this.id);
    const { layer, number } = placeOf(this.id);
    const given = own === `group ${number}` ? "" : `group ${number}, `;
    const neurons = count(scene.group(this.id)?.neurons.length ?? 0, "neuron");
    const hidden = node || scene.nodeOf(this.id) !== this.id ? "" : " · hidden by filters";
    const toggle = {
      label: node?.expanded ? "Collapse" : "Expand into neurons",
      act: () => this.emit("expand", this.id),
    };
    return panelHead(capital(own), `${given}in ${layer} · ${neurons}${hidden}`, node ? [toggle] : []);
  }

  private async exemplars(): Promise<Node[]> {
    const { answers, scene, signal } = this.context;
    const page = await answers.exemplars(this.id, null, signal);
    return [new ExemplarGrid(this.context, this.id, scene.fullName(this.id), page).element];
  }

  private async edges(): Promise<Node[]> {
    const { answers, scene, signal } = this.context;
    const group = await answers.group(this.id, signal);
    return [this.pass(new EdgeLists(scene, endsOfGroup(group, scene))).element];
  }

  private async neurons(): Promise<Node[]> {
    const { answers, signal } = this.context;
    const [members, group] = await Promise.all([answers.members(this.id, signal), answers.group(this.id, signal)]);
    return [this.pass(new NeuronList(this.context, members, group)).element];
  }
}
