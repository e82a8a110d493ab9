/** The middle of the page: the circuit as a graph or a table, or a message. */

import { Problem } from "../api/client";
import { h } from "../base/dom";
import { Widget } from "../base/widget";
import type { Circuit } from "../circuit/model/circuit";
import type { Marks, NoteCounts } from "../circuit/model/marks";
import type { EdgeId, NodeId, ViewGraph, ViewState } from "../circuit/types";
import type { GraphPane } from "./graph/graph_pane";
import type { GraphPicture } from "./graph/picture";
import { CircuitTable } from "./table";
import "./centre.css";

interface CentreEvents {
  select: NodeId | EdgeId | null;
  open: NodeId;
  mark: NodeId;
  hover: NodeId | EdgeId | null;
  move: { node: NodeId; x: number; y: number };
}

export interface CentreContent {
  circuit: Circuit;
  view: ViewGraph;
  state: ViewState;
  found: ReadonlySet<NodeId> | null;
  marked: ReadonlySet<NodeId>;
  /** Of an open image. */
  lit: Marks | null;
  /** How many notes are on nodes. */
  noted: NoteCounts;
}

type Way = "up" | "down" | "left" | "right";

export class Centre extends Widget<CentreEvents> {
  readonly element = h("div", { class: "ex-centre" });
  /** The graph; null until its script is loaded. */
  pane: GraphPane | null = null;
  private readonly table = new CircuitTable();
  private content: CentreContent | null = null;
  private drawn: Partial<CentreContent> = {};
  private message: HTMLElement | null = null;

  constructor() {
    super();
    this.table.on("select", (id) => this.emit("select", id));
    this.table.on("open", (id) => this.emit("open", id));
    this.table.on("mark", (id) => this.emit("mark", id));
    this.table.element.hidden = true;
    this.element.append(this.table.element);
  }

  /** Loads the graph's script, and shows the present content in the graph. */
  async load(): Promise<void> {
    const { GraphPane } = await import("./graph/graph_pane");
    const pane = new GraphPane();
    // Cytoscape reports a tap when it has ended. Whether Shift was pressed is recorded before.
    let shift = false;
    const down = (event: PointerEvent) => {
      shift = event.shiftKey;
    };
    pane.element.addEventListener("pointerdown", down, { capture: true });
    pane.on("select", (id) => {
      if (shift && id !== null) this.emit("mark", id);
      else this.emit("select", id);
    });
    pane.on("open", (id) => this.emit("open", id));
    pane.on("hover", (id) => this.emit("hover", id));
    pane.on("move", (move) => this.emit("move", move));
    this.pane = pane;
    this.element.prepend(pane.element);
    if (this.content) this.show(this.content);
  }

  show(content: CentreContent): void {
    this.content = content;
    this.say(null);
    const { state } = content;
    const asTable = state.show === "table";
    this.table.element.hidden = !asTable;
    if (this.pane) this.pane.element.hidden = asTable;
    if (asTable) {
      const { circuit, view, found, marked, lit, noted } = content;
      this.table.show({ circuit, view, only: found, selected: state.select, marked, lit, noted });
    } else if (this.pane) this.draw(this.pane, content);
  }

  /** Shows `element` in place of the circuit; null removes it. */
  say(element: HTMLElement | null): void {
    if (element === this.message) return;
    this.message?.remove();
    this.message = element;
    this.element.classList.toggle("said", element !== null);
    if (element) this.element.append(element);
  }

  /** The node that an arrow key selects from `id`. */
  neighbour(id: NodeId | null, way: Way): NodeId | null {
    if (!this.content) return null;
    if (this.content.state.show === "table") {
      return way === "up" || way === "down" ? this.table.neighbour(id, way === "down" ? 1 : -1) : null;
    }
    const top = this.content.view.nodes.find((node) => node.kind === "class") ?? this.content.view.nodes.at(-1);
    return id !== null && this.pane ? this.pane.neighbour(id, way) : (top?.id ?? null);
  }

  /** The graph with its positions, for pictures. */
  picture(): GraphPicture {
    if (!this.pane || !this.drawn.view || this.content?.state.show === "table") {
      throw new Problem(-1, "No graph", "Switch to the graph first: pictures are taken of the graph.");
    }
    return this.pane.picture();
  }

  /** Highlights the paths through a node while the pointer is on its name. */
  hover(id: NodeId | EdgeId | null): void {
    this.pane?.highlight(id);
  }

  /** Shows which nodes fire at one place of an image. */
  touch(nodes: ReadonlySet<NodeId> | null): void {
    this.pane?.touch(nodes);
  }

  /** Passes only changes to the graph. */
  private draw(pane: GraphPane, content: CentreContent): void {
    const { circuit, view, state, found, marked, lit, noted } = content;
    const before = this.drawn;
    this.drawn = content;
    if (before.view !== view || !sameMoves(before.state?.moves, state.moves)) {
      void pane.show(view, { moves: state.moves, circuit: circuit.overview, merge: state.merge });
    }
    if (before.lit !== lit) pane.light(lit);
    if (before.noted !== noted) pane.badges.show(noted);
    if (before.found !== found) pane.mark(found);
    if (before.marked !== marked) pane.pick(marked);
    if (before.state?.select !== state.select) pane.select(state.select);
  }
}

function sameMoves(one: ViewState["moves"] | undefined, other: ViewState["moves"]): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
