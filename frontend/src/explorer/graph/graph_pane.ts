/** The circuit as a graph: layers as rows with the class on top, groups as mosaics of their exemplars. */

import type { Core } from "cytoscape";
import { h } from "../../base/dom";
import { onThemeChange } from "../../base/theme";
import { Widget } from "../../base/widget";
import type { Marks } from "../../circuit/model/marks";
import type { EdgeId, Group, GroupId, NodeId, ViewGraph, ViewNode } from "../../circuit/types";
import { Badges } from "./badges";
import { clearAndFaint, elementsOf, sync } from "./elements";
import { FaintEdges } from "./faint_edges";
import { Focus } from "./focus";
import { HoverCard } from "./hover_card";
import { orderOf } from "./layout";
import { neighbour, type Way } from "./neighbours";
import { structureOf } from "./order";
import type { GraphEvents, ShowOptions } from "./pane_types";
import {
  around,
  canvasElement,
  type GraphPicture,
  LARGEST_ZOOM,
  pictureOf,
  SMALLEST_ZOOM,
  startCanvas,
} from "./picture";
import { Pictures } from "./pictures";
import { mergedOrder, place, type Placement } from "./placement";
import { bendEdges, fitted, listenToPointer, standsAt, type Viewport } from "./pointer";
import { Rows } from "./rows";
import { levelFor, palette, stylesheet } from "./style";
import "./graph_pane.css";

export type { GraphEvents, ShowOptions } from "./pane_types";

const SETTLE_MS = 120;

export class GraphPane extends Widget<GraphEvents> {
  private readonly canvas = canvasElement();
  private readonly rows = new Rows();
  private readonly faint = new FaintEdges();
  private readonly card = new HoverCard();
  /** How many notes are on nodes. */
  readonly badges = new Badges();
  readonly element = h(
    "div",
    { class: "graph-pane" },
    this.rows.bands,
    this.faint.element,
    this.canvas,
    this.rows.names,
    this.badges.element,
    this.card.element,
  );

  private readonly pictures = new Pictures();
  private readonly focus = new Focus();
  private readonly life = new AbortController();
  private readonly resizes = new ResizeObserver(() => this.resized());
  private cy: Core | null = null;
  private view: ViewGraph = { layers: [], nodes: [], edges: [], hiddenGroups: 0, hiddenEdges: 0 };
  private nodes: ReadonlyMap<NodeId, ViewNode> = new Map();
  private groups: ReadonlyMap<GroupId, Group> = new Map();
  private placement: Placement = { home: new Map(), places: new Map(), bands: [] };
  private settling: ReturnType<typeof setTimeout> | undefined;
  private shows = 0;
  private over: NodeId | EdgeId | null = null;
  /** The graph fits its pane until the user pans or zooms. */
  private fits = true;
  private marks: Marks | null = null;
  private awaited: NodeId | null = null;

  constructor() {
    super();
    this.resizes.observe(this.element);
    onThemeChange(() => this.recolour(), this.life.signal);
    this.canvas.addEventListener("pointerleave", () => this.hovered(null, 0, 0), { signal: this.life.signal });
  }

  /** Shows a view. Resolves when it is laid out. Only the last of several calls counts. */
  async show(view: ViewGraph, options: ShowOptions): Promise<void> {
    const turn = ++this.shows;
    this.element.setAttribute("aria-busy", "true");
    const structure = options.circuit ?? structureOf(view);
    const order = await orderOf(structure);
    if (turn !== this.shows || this.life.signal.aborted) return;
    const merge = options.merge ?? view.nodes.filter((node) => node.kind === "super").map((node) => node.members);
    this.view = view;
    this.nodes = new Map(view.nodes.map((node) => [node.id, node]));
    this.groups = new Map((options.circuit?.groups ?? []).map((group) => [group.id, group] as const));
    this.placement = place(view, options.circuit ? mergedOrder(order, merge) : order, options.moves);
    this.card.hide();
    const cy = this.started();
    this.draw(cy);
    this.rows.show(view, this.placement.bands);
    if (this.fits) this.fit();
    this.comeNear(cy);
    void this.pictures.refresh(cy, this.nodes, true).then(() => {
      if (turn === this.shows) this.element.removeAttribute("aria-busy");
    });
    this.follow();
  }

  /** Zooms to a group that will be expanded, if its patches would be too small. */
  approach(id: NodeId): void {
    this.awaited = id;
  }

  private comeNear(cy: Core): void {
    const { awaited } = this;
    if (awaited === null || !this.nodes.get(awaited)?.expanded) return;
    this.awaited = null;
    if (levelFor(cy.zoom(), null) === "far") this.zoomTo(awaited);
  }

  select(id: NodeId | EdgeId | null): void {
    this.focus.select(id);
    // A selected faint edge is drawn with the others.
    if (this.cy && id !== null && this.cy.getElementById(id).empty()) this.draw(this.cy);
    this.refocus();
  }

  /** Dims all nodes except search results; null ends it. */
  mark(matching: ReadonlySet<NodeId> | null): void {
    this.focus.mark(matching);
    this.refocus();
  }

  /** Shows which nodes the user marked. */
  pick(nodes: ReadonlySet<NodeId>): void {
    this.focus.pick(nodes);
    this.refocus();
  }

  /** Highlights all paths through a node or an edge; null ends it. */
  highlight(id: NodeId | EdgeId | null): void {
    if (this.focus.highlight(id)) this.refocus();
  }

  /** Marks the nodes that an image fires; null ends it. */
  light(marks: Marks | null): void {
    this.marks = marks;
    if (this.cy) this.draw(this.cy);
  }

  /** Dims all nodes except those that fire at a place of an image; null ends it. */
  touch(nodes: ReadonlySet<NodeId> | null): void {
    this.focus.touch(nodes);
    this.refocus();
  }

  /** Shows the whole circuit. */
  fit(): void {
    this.goTo(fitted(around(this.placement.places.values()), this.size(), LARGEST_ZOOM));
    this.fits = true;
  }

  /** Zooms to a node, so that its patches are visible, or to an edge with both ends. */
  zoomTo(id: NodeId | EdgeId): void {
    const edge = this.view.edges.find((one) => one.id === id);
    const ends = edge ? [edge.source, edge.target] : [id];
    const places = ends.flatMap((end) => this.placement.places.get(end) ?? []);
    if (places.length === 0) return;
    this.fits = false;
    this.goTo(fitted(around(places), this.size(), Math.max(1.25, this.cy?.zoom() ?? 0)));
  }

  /** Zooms around the middle of the pane. */
  zoomBy(factor: number): void {
    const { width, height } = this.size();
    const level = Math.min(LARGEST_ZOOM, Math.max(SMALLEST_ZOOM, (this.cy?.zoom() ?? 1) * factor));
    this.fits = false;
    this.cy?.zoom({ level, renderedPosition: { x: width / 2, y: height / 2 } });
  }

  /** Pans so that a node is visible, for example after it was selected with a key. */
  reveal(id: NodeId): void {
    const at = this.cy?.getElementById(id);
    if (!at?.nonempty() || !at.isNode()) return;
    const { x1, y1, x2, y2 } = at.renderedBoundingBox();
    const { width, height } = this.size();
    if (x1 >= 0 && y1 >= 0 && x2 <= width && y2 <= height) return;
    this.fits = false;
    this.cy?.center(at);
  }

  /** The node that an arrow key selects from another node. */
  neighbour(id: NodeId, key: Way): NodeId | null {
    return neighbour(this.view, this.placement.places, id, key);
  }

  /** The graph with its positions, for the exports. */
  picture(): GraphPicture {
    return pictureOf(this.view, this.placement, this.cy?.extent() ?? null);
  }

  destroy(): void {
    this.life.abort();
    this.resizes.disconnect();
    clearTimeout(this.settling);
    this.cy?.destroy();
    this.cy = null;
    this.pictures.close();
    this.faint.close();
  }

  private size(): { width: number; height: number } {
    return { width: this.element.clientWidth, height: this.element.clientHeight };
  }

  private draw(cy: Core): void {
    const { clear, faint } = clearAndFaint(this.view.edges, this.focus.selection);
    sync(cy, elementsOf(this.view, clear, this.placement, this.marks));
    this.faint.show(faint, this.placement, this.view.edges.length);
    this.refocus();
  }

  /** Creates the canvas when there is something to show. */
  private started(): Core {
    if (this.cy) return this.cy;
    const cy = startCanvas(this.canvas);
    this.cy = cy;
    this.badges.watch(cy);
    cy.on("viewport", () => this.follow());
    cy.on("scrollzoom pinchzoom dragpan", () => {
      this.fits = false;
    });
    listenToPointer(cy, this.canvas, {
      select: (id) => this.emit("select", id),
      hover: (id, x, y) => this.hovered(id, x, y),
      open: (id) => this.emit("open", id),
      drag: (id) => bendEdges(cy, this.placement, id),
      dropped: (id) => this.dropped(id),
    });
    return cy;
  }

  private goTo(viewport: Viewport): void {
    this.cy?.viewport(viewport);
    this.follow();
  }

  /** Moves the names at once, and updates the pictures when the movement has ended. */
  private follow(): void {
    const { cy } = this;
    if (!cy) return;
    this.card.hide();
    const viewport = { zoom: cy.zoom(), pan: cy.pan() };
    this.rows.follow(viewport, this.size());
    this.faint.follow(viewport);
    this.settle();
  }

  /** What is done only after the movement has ended. */
  private settle(): void {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      const { cy } = this;
      if (!cy) return;
      void this.pictures.refresh(cy, this.nodes);
      const { width, height } = this.size();
      this.faint.draw({ zoom: cy.zoom(), pan: { ...cy.pan() } }, width, height);
    }, SETTLE_MS);
  }

  private resized(): void {
    if (!this.cy) return;
    this.cy.resize();
    if (this.fits) this.fit();
    this.follow();
  }

  private recolour(): void {
    this.cy?.style(stylesheet(palette()));
    this.settle();
  }

  private refocus(): void {
    if (!this.cy) return;
    this.faint.highlight(this.focus.apply(this.cy, this.view));
    this.settle();
  }

  private hovered(id: NodeId | EdgeId | null, x: number, y: number): void {
    if (id === this.over) return;
    this.over = id;
    this.highlight(id);
    this.card.tell({ view: this.view, groups: this.groups, marks: this.marks }, id, x, y);
    this.emit("hover", id);
  }

  private dropped(id: NodeId): void {
    const home = this.placement.home.get(id);
    const at = this.cy && standsAt(this.cy, this.placement, id);
    if (!home || !at || this.nodes.get(id)?.parent !== null) return;
    this.emit("move", { node: id, x: Math.round(at.x - home.x), y: Math.round(at.y - home.y) });
  }
}
