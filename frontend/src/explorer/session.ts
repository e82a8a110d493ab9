/** The loaded circuit and its state. Computes the view, only when it changes. */

import { type Circuit, indexCircuit } from "../circuit/model/circuit";
import { type Change, groupsOf, mergeNodes, split, toggleExpand } from "../circuit/model/edit";
import { type Marks, marksOf, type NoteCounts, noteCounts } from "../circuit/model/marks";
import { canonical } from "../circuit/model/state";
import { buildView, matches } from "../circuit/model/visible";
import type { StateStore } from "../circuit/state_store";
import type { GroupId, FinishedAnalysis, Members, NodeId, Overview, ViewGraph, ViewState } from "../circuit/types";
import type { Loader } from "./loader";

/** The part of the state that the view depends on. The rest is about display. */
const SHAPING = ["expand", "merge", "influence", "sign", "hide", "weight", "around"] as const;

export class Session {
  circuit: Circuit;
  /** The open analysis, if it is finished. */
  image: FinishedAnalysis | null = null;
  private marked: { view: ViewGraph; image: FinishedAnalysis; marks: Marks } | null = null;
  /** The number of unresolved notes of each group. */
  notes: ReadonlyMap<GroupId, number> = new Map();
  private counted: { view: ViewGraph; notes: ReadonlyMap<GroupId, number>; nodes: NoteCounts } | null = null;
  private members = new Map<GroupId, Members>();
  private built: { key: string; view: ViewGraph } | null = null;
  private found: { view: ViewGraph; text: string; ids: ReadonlySet<NodeId> | null } | null = null;
  private fitted: { from: ViewState; circuit: Circuit; state: ViewState } | null = null;

  constructor(
    overview: Overview,
    private readonly store: StateStore,
    private readonly loader: Loader,
  ) {
    this.circuit = indexCircuit(overview);
  }

  /** Replaces the circuit: more layers, or a new result. */
  replace(overview: Overview): void {
    if (overview.computed_at !== this.circuit.overview.computed_at) {
      this.members = new Map();
      this.loader.forget();
    }
    this.circuit = indexCircuit(overview, this.circuit.names);
    this.built = null;
  }

  /** Sets the labels of groups. */
  callGroups(names: ReadonlyMap<GroupId, string>): void {
    this.circuit = { ...this.circuit, names };
    this.built = null;
  }

  /** The state in canonical form, with what the circuit has. */
  get state(): ViewState {
    const from = this.store.state;
    if (this.fitted?.from !== from || this.fitted.circuit !== this.circuit) {
      this.fitted = { from, circuit: this.circuit, state: canonical(from, this.circuit).state };
    }
    return this.fitted.state;
  }

  /** Writes the address in canonical form. Returns what it named but the circuit does not have. */
  settle(): string[] {
    const { state, dropped } = canonical(this.store.state, this.circuit);
    this.store.settle(state);
    return dropped;
  }

  get view(): ViewGraph {
    const { state } = this;
    const opened = state.expand.filter((id) => this.members.has(id));
    const key = JSON.stringify([opened, ...SHAPING.map((name) => state[name])]);
    if (this.built?.key !== key) this.built = { key, view: buildView(this.circuit, this.members, state) };
    return this.built.view;
  }

  /** The search results; null without a search. The same set for the same view and words. */
  get matching(): ReadonlySet<NodeId> | null {
    const { view } = this;
    const text = this.state.search;
    if (this.found?.view !== view || this.found.text !== text) this.found = { view, text, ids: matches(view, text) };
    return this.found.ids;
  }

  /** The marks of the open image; null without an image, or if it was inspected with another version of the circuit. */
  get marks(): Marks | null {
    const { view, image } = this;
    if (!image?.current) return null;
    if (this.marked?.view !== view || this.marked.image !== image) {
      this.marked = { view, image, marks: marksOf(view, image.reading) };
    }
    return this.marked.marks;
  }

  /** The number of unresolved notes on each node that has any. */
  get noted(): NoteCounts {
    const { view, notes } = this;
    if (this.counted?.view !== view || this.counted.notes !== notes) {
      this.counted = { view, notes, nodes: noteCounts(view, notes) };
    }
    return this.counted.nodes;
  }

  /** Removes an analysis or note that does not exist, also from the address. */
  letGoOf(name: "analysis" | "note"): void {
    this.store.settle({ ...this.store.state, [name]: null });
  }

  change(change: Change): void {
    this.store.change(change);
  }

  /** Expanded groups whose parts are not loaded yet. */
  get missing(): GroupId[] {
    return this.state.expand.filter((id) => !this.members.has(id));
  }

  /** Loads the parts of a group. Returns whether their links are known. */
  async load(group: GroupId): Promise<boolean> {
    const { computed_at } = this.circuit.overview;
    const loaded = await this.loader.members(group);
    if (computed_at === this.circuit.overview.computed_at) this.members.set(group, loaded);
    return loaded.links !== null;
  }

  canExpand(node: NodeId | null): boolean {
    const whole = this.circuit.overview.computed_at !== null;
    return whole && node !== null && toggleExpand(this.state, this.circuit, node) !== null;
  }

  isExpanded(node: NodeId | null): boolean {
    return node !== null && groupsOf(this.state, this.circuit, node).some((id) => this.state.expand.includes(id));
  }

  isSuper(node: NodeId | null): boolean {
    return node !== null && split(this.state, this.circuit, node) !== null;
  }

  toggleExpand(node: NodeId): void {
    const change = this.canExpand(node) && toggleExpand(this.state, this.circuit, node);
    if (change) this.change(change);
  }

  split(node: NodeId): void {
    const change = split(this.state, this.circuit, node);
    if (change) this.change(change);
  }

  /** Merges nodes. Returns a sentence with the reason if that is not possible. */
  merge(nodes: readonly NodeId[]): string | null {
    const change = mergeNodes(this.state, this.circuit, nodes);
    if (typeof change === "string") return change;
    this.change(change);
    return null;
  }
}
