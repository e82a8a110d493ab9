/** The inspector: the panel of whatever is selected. */

import { h } from "../../base/dom";
import { message } from "../../base/message";
import { isTyping } from "../../base/typing";
import { Answers } from "../../circuit/answers";
import { type InImage, InspectorWidget } from "../../circuit/inspector_widget";
import { readPart } from "../../circuit/model/ids";
import { PatchLook } from "../../circuit/patch_look";
import { Scene } from "../../circuit/scene";
import type { EdgeId, GroupId, NodeId, Overview, ViewGraph } from "../../circuit/types";
import { AllNotes } from "../../sharing/all_notes";
import type { CircuitNotes } from "../../sharing/circuit_notes";
import { ClassPanel } from "./class_panel";
import { EdgePanel } from "./edge_panel";
import { GroupPanel } from "./group_panel";
import type { PanelContext } from "./panel_context";
import { PartPanel } from "./part_panel";
import { SuperPanel } from "./super_panel";
import "./inspector.css";

export class Inspector extends InspectorWidget {
  readonly element = h("div", { class: "inspector" });
  private readonly look = new PatchLook();
  private answers: Answers | null = null;
  private computed = "";
  private shown = "";
  private id: NodeId | EdgeId | null = null;
  private running = new AbortController();
  private again: (() => void) | null = null;
  /** The circuit's labels and notes, once they are loaded. */
  circuitNotes: CircuitNotes | null = null;

  constructor() {
    super();
    // A panel is not rebuilt while the user types in it.
    this.element.addEventListener("focusout", () => setTimeout(() => isTyping(this.element) || this.again?.()));
  }

  /** Shows a node or an edge. If it is already shown, its panel stays, with everything that was loaded. */
  show(view: ViewGraph, overview: Overview, id: NodeId | EdgeId | null, image: InImage | null = null): void {
    const names = this.circuitNotes?.names() ?? new Map<GroupId, string>();
    const scene = new Scene(view, overview, names);
    const computed = `${overview.id} ${overview.computed_at}`;
    const shown = `${computed} ${image?.key ?? ""} ${id} ${id === null ? "" : fingerprint(scene, id)}`;
    this.again = null;
    if (shown === this.shown) return;
    if (id === this.id && isTyping(this.element)) {
      this.again = () => this.show(view, overview, id, image);
      return;
    }
    if (computed !== this.computed || !this.answers) this.answers = new Answers(overview.id);
    this.computed = computed;
    this.shown = shown;
    this.running.abort();
    this.running = new AbortController();
    this.emit("hover", null);
    const { answers, look, circuitNotes } = this;
    const context = { scene, answers, look, signal: this.running.signal, image, circuitNotes };
    this.element.replaceChildren(...(id === null ? this.nothing(context) : [this.content(context, id)]));
    if (id !== this.id) this.element.scrollTop = 0;
    this.id = id;
  }

  private content(context: PanelContext, id: NodeId | EdgeId): HTMLElement {
    const { scene } = context;
    const edge = scene.edge(id);
    if (edge) return this.pass(new EdgePanel(context, edge)).element;
    const kind = scene.node(id)?.kind;
    if (kind === "super") return this.pass(new SuperPanel(context, id)).element;
    if (kind === "part" || readPart(id)) return this.pass(new PartPanel(context, id)).element;
    if (!kind && !scene.group(id)) return this.gone();
    if (scene.isClass(id)) return this.pass(new ClassPanel(context, id)).element;
    return this.pass(new GroupPanel(context, id)).element;
  }

  private nothing({ scene, circuitNotes, signal }: PanelContext): HTMLElement[] {
    return [placeholder(), ...(circuitNotes ? [this.pass(new AllNotes(circuitNotes, scene, signal)).element] : [])];
  }

  private gone(): HTMLElement {
    const text = "The selection is not in this circuit, or filters hide it.";
    return message("Nothing to show", text, [{ label: "Close", to: () => this.emit("select", null) }]);
  }
}

function placeholder(): HTMLElement {
  return message(
    "Select a group",
    "Click a group to see its patches, neurons and edges. Click an edge to see the pairs of neurons behind it. " +
      "Start with the class on top.",
  );
}

/** A key of what the panel of `id` depends on. The panel is rebuilt only if the key changes. */
function fingerprint(scene: Scene, id: NodeId | EdgeId): string {
  const node = scene.node(id);
  const touching = scene.view.edges.filter((edge) => edge.source === id || edge.target === id || edge.id === id);
  const supers = scene.view.nodes.filter(({ kind }) => kind === "super").map((found) => found.id);
  const edges = node?.kind === "super" || node?.kind === "part" ? touching.map((edge) => edge.id) : touching.length > 0;
  // The head of a panel updates the group's own label.
  const label = node?.kind === "group" ? "" : node?.label;
  const names = namesAround(scene, id);
  return JSON.stringify([node?.kind, label, node?.expanded, supers, edges, names]);
}

/** The labels of the groups at the other ends of the edges. */
function namesAround(scene: Scene, id: NodeId | EdgeId): string[] {
  const edge = scene.edge(id);
  const own = new Set(edge ? [] : scene.members(id));
  const others = scene.overview.edges.flatMap(({ source, target }) =>
    own.has(source) ? [target] : own.has(target) ? [source] : [],
  );
  const ends = edge ? [edge.source, edge.target] : others;
  return ends.flatMap((end) => scene.names.get(end) ?? []);
}
