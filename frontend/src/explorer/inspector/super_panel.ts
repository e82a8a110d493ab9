/** The panel of a super-group: its groups and their sums. */

import { h } from "../../base/dom";
import { count } from "../../base/format";
import { type Context, InspectorWidget } from "../../circuit/inspector_widget";
import { capital, placeOf } from "../../circuit/scene";
import { panelHead, Section, shortList } from "../../circuit/section";
import type { GroupId, NodeId } from "../../circuit/types";
import { EdgeLists, endsOfNode } from "./edge_lists";
import { ExemplarGrid } from "./exemplar_grid";
import { contributionFact, factList, factsOf } from "./importance";
import "./super_panel.css";

const MOST = 6;

export class SuperPanel extends InspectorWidget {
  readonly element: HTMLElement;

  constructor(
    private readonly context: Context,
    id: NodeId,
  ) {
    super();
    const { scene } = context;
    const members = scene.members(id);
    const neurons = new Set(members.flatMap((member) => [...(scene.group(member)?.neurons ?? [])])).size;
    const total = members.reduce((sum, member) => sum + (scene.group(member)?.contribution ?? 0), 0);
    const about = `${count(members.length, "group")} merged in ${scene.layerOf(id)} · ${count(neurons, "neuron")}`;
    this.element = h(
      "div",
      {},
      panelHead(capital(scene.name(id)), about),
      factList([contributionFact(total, scene.overview.class)]),
      h(
        "section",
        { class: "inspector-section" },
        h("h3", {}, "Edges, added up over its groups"),
        this.pass(new EdgeLists(scene, endsOfNode(id, scene))).element,
      ),
      h(
        "section",
        { class: "inspector-section" },
        h("h3", {}, "Groups"),
        shortList(members, (member) => this.member(member), MOST),
      ),
    );
  }

  private member(id: GroupId): HTMLElement {
    const { answers, scene, signal } = this.context;
    const group = scene.group(id);
    const { layer, number } = placeOf(id);
    const load = async () => {
      const page = await answers.exemplars(id, null, signal);
      return [new ExemplarGrid(this.context, id, `group ${number} in ${layer}`, page).element];
    };
    return h(
      "li",
      { class: "super-member" },
      h("h4", {}, `Group ${number}`),
      group && factList(factsOf(group, scene.overview.class)),
      new Section(null, load, signal, 6).element,
    );
  }
}
