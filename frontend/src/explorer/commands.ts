/** The actions of buttons, keys and pointer, and which event of which widget triggers them. */

import { copyLink } from "../base/clipboard";
import { toast } from "../base/toast";
import { edgeEnds } from "../circuit/model/ids";
import { DEFAULTS } from "../circuit/model/state";
import type { EdgeId, NodeId, ViewNode, ViewState } from "../circuit/types";
import { type Command, showKeys } from "./keys";
import type { Marking, Screen } from "./screen";
import type { Session } from "./session";
import type { Action } from "./toolbar";

const ZOOM = 1.3;
const INFLUENCE_STEP = 5;

export class Commands {
  marking: Marking = { on: false, nodes: new Set() };
  /** Opens the share dialog. */
  share: () => void = () => undefined;

  /** `render` updates what is not part of the state. */
  constructor(
    private readonly session: Session,
    private readonly screen: Screen,
    private readonly render: () => void,
  ) {}

  /** Selects a node or edge; marks a node while the user marks groups. */
  click(id: NodeId | EdgeId | null): void {
    if (this.marking.on && id !== null && this.node(id)) this.mark(id);
    else this.session.change({ select: id });
  }

  /** Selects a node or edge from outside the graph, and pans the graph to it. */
  jump(id: NodeId | EdgeId | null): void {
    this.session.change({ select: id });
    if (id !== null) this.screen.centre.pane?.reveal(id);
  }

  expand(id: NodeId | null): void {
    if (id === null) return;
    this.session.toggleExpand(id);
    if (this.session.isExpanded(id)) this.screen.centre.pane?.approach(id);
  }

  /** Marks a group for merging, or removes the mark. */
  mark(id: NodeId): void {
    const node = this.node(id);
    if (!node) return;
    if (node.kind === "class") {
      toast("You can’t merge the class. Mark groups below it.", "bad");
      return;
    }
    const nodes = new Set(this.marking.nodes);
    const target = node.parent ?? id;
    if (!nodes.delete(target)) nodes.add(target);
    this.setMarking({ on: true, nodes });
  }

  merge(): void {
    const problem = this.session.merge([...this.marking.nodes]);
    if (problem) toast(problem, "bad");
    else this.setMarking({ on: false, nodes: new Set() });
  }

  stopMarking(): void {
    this.setMarking({ on: false, nodes: new Set() });
  }

  action(action: Action): void {
    const { session, screen } = this;
    const { state } = session;
    const { select } = state;
    const actions: Record<Action, () => unknown> = {
      graph: () => session.change({ show: "graph" }),
      table: () => session.change({ show: "table" }),
      fit: () => screen.centre.pane?.fit(),
      in: () => screen.centre.pane?.zoomBy(ZOOM),
      out: () => screen.centre.pane?.zoomBy(1 / ZOOM),
      expand: () => this.expand(select),
      merge: () => this.startMarking(),
      split: () => select !== null && session.split(select),
      full: () => session.change({ full: state.full === "graph" ? null : "graph" }),
      inspector: () => this.togglePanel("inspector"),
      image: () => this.togglePanel("image"),
      legend: () => {
        screen.legend.open = !screen.legend.open;
        this.render();
      },
      explain: () => this.explain(),
      copy: () => copyLink(),
      share: () => this.share(),
      keys: () => showKeys(),
    };
    actions[action]();
  }

  /** Shows a tab of the panel; hides the panel if the tab is already shown. */
  private togglePanel(panel: ViewState["panel"]): void {
    const { state } = this.session;
    const seen = state.panel === panel && state.inspector > 0 && state.full !== "graph";
    const full = state.full === "graph" ? null : state.full;
    if (seen && this.screen.panel.bring()) return;
    if (seen) this.session.change({ inspector: 0 });
    else this.session.change({ panel, inspector: state.inspector || DEFAULTS.inspector, full });
  }

  /** Runs the command of a key. Returns whether it did something. */
  key(command: Command): boolean {
    const { session, screen } = this;
    const { state } = session;
    switch (command) {
      case "up":
      case "down":
      case "left":
      case "right":
        return this.walk(command);
      case "open":
        return this.open();
      case "clear":
        return this.clear();
      case "mark":
        if (state.select !== null) this.mark(state.select);
        return state.select !== null;
      case "less":
      case "more":
        session.change({ influence: this.influence(command === "less" ? -1 : 1) });
        return true;
      case "search":
        screen.filters.search.focus();
        return true;
      case "table":
        this.action(state.show === "table" ? "graph" : "table");
        return true;
      default:
        this.action(command);
        return true;
    }
  }

  private walk(way: "up" | "down" | "left" | "right"): boolean {
    const { state, view } = this.session;
    const isNode = (id: NodeId) => view.nodes.some((node) => node.id === id);
    const ends = state.select === null || isNode(state.select) ? null : edgeEnds(state.select, isNode);
    // From an edge, arrow keys select one of its ends.
    const next = ends ? ends[way === "up" ? 1 : 0] : this.screen.centre.neighbour(state.select, way);
    if (next !== null) this.jump(next);
    return next !== null;
  }

  /** Shows the selection in the inspector; expands it if it is already there. */
  private open(): boolean {
    const { state } = this.session;
    if (state.select === null) return false;
    if (state.inspector === 0 || state.panel !== "inspector") {
      this.session.change({ panel: "inspector", inspector: state.inspector || DEFAULTS.inspector });
    } else this.expand(state.select);
    return true;
  }

  private clear(): boolean {
    const { state } = this.session;
    if (this.marking.on) this.stopMarking();
    else if (state.full !== null) this.session.change({ full: null });
    else if (state.select !== null) this.session.change({ select: null });
    else return false;
    return true;
  }

  private influence(way: 1 | -1): number {
    const stepped = (Math.floor(this.session.state.influence / INFLUENCE_STEP) + way) * INFLUENCE_STEP;
    return Math.min(100, Math.max(INFLUENCE_STEP, stepped));
  }

  /** Shows or hides the explanation, for which the panel must be open and nothing selected. */
  private explain(): void {
    const { state } = this.session;
    const there = state.inspector > 0 && state.panel === "inspector";
    const seen = this.screen.summary.open && state.select === null && there;
    this.screen.summary.open = !seen;
    if (seen) return;
    this.session.change({ select: null, panel: "inspector", inspector: state.inspector || DEFAULTS.inspector });
  }

  private startMarking(): void {
    if (this.marking.on) {
      this.stopMarking();
      return;
    }
    const { select } = this.session.state;
    const node = select === null ? undefined : this.node(select);
    const first = node && node.kind !== "class" ? [node.parent ?? node.id] : [];
    this.setMarking({ on: true, nodes: new Set(first) });
  }

  private setMarking(marking: Marking): void {
    this.marking = marking;
    this.render();
  }

  private node(id: NodeId | EdgeId): ViewNode | undefined {
    return this.session.view.nodes.find((node) => node.id === id);
  }
}

/** Connects the widgets' events with the commands. */
export function wire(screen: Screen, session: Session, commands: Commands): void {
  const { centre, toolbar, filters, panel, inspector, summary, mergeBar } = screen;
  centre.on("select", (id) => commands.click(id));
  centre.on("open", (id) => commands.expand(id));
  centre.on("mark", (id) => commands.mark(id));
  centre.on("move", ({ node, x, y }) => session.change({ moves: { ...session.state.moves, [node]: { x, y } } }));
  inspector.on("select", (id) => commands.jump(id));
  inspector.on("expand", (id) => commands.expand(id));
  summary.on("select", (id) => commands.jump(id));
  summary.on("toggle", () => session.change({}));
  toolbar.on("action", (action) => commands.action(action));
  filters.on("change", (change) => session.change(change));
  panel.on("width", (inspector) => session.change({ inspector }));
  panel.on("tab", (panel) => session.change({ panel }));
  panel.on("full", (full) => session.change({ full: full ? "inspector" : null }));
  mergeBar.on("merge", () => commands.merge());
  mergeBar.on("cancel", () => commands.stopMarking());
}
