/** The circuit as a table, which screen readers use. Long tables are virtual. */

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import { h } from "../base/dom";
import { count, signed } from "../base/format";
import { type Meaning, termMark } from "../base/term";
import { Widget } from "../base/widget";
import { figureText, GROUP_FIGURES, LISTED } from "../circuit/group_figures";
import type { Circuit } from "../circuit/model/circuit";
import { LIT_WORDS, type Marks, type NoteCounts } from "../circuit/model/marks";
import { type Column, FIRST_ORDER, type Order, type Row, rowName, rowsOf } from "../circuit/model/rows";
import { nodePicture } from "../circuit/section";
import type { EdgeId, NodeId, ViewGraph } from "../circuit/types";
import { DEFINITIONS } from "../lens/definitions";
import "./table.css";

/** Shorter tables are not virtual, so that the browser's search finds all rows. */
const WHOLE = 150;
const ROW_HEIGHT = 44;

interface TableEvents {
  select: NodeId | EdgeId;
  open: NodeId;
  mark: NodeId;
}

export interface TableContent {
  circuit: Circuit;
  view: ViewGraph;
  /** The search results; null for all nodes. */
  only: ReadonlySet<NodeId> | null;
  selected: NodeId | EdgeId | null;
  marked: ReadonlySet<NodeId>;
  /** Of an open image. */
  lit: Marks | null;
  /** How many notes are on nodes. */
  noted: NoteCounts;
}

export class CircuitTable extends Widget<TableEvents> {
  readonly element = h("div", {
    class: "ex-table",
    tabindex: 0,
    role: "region",
    "aria-label": "Circuit as a table",
  });
  private readonly body = h("tbody", {});
  private readonly table: HTMLTableElement;
  private readonly none = h("p", { class: "message" }, "No groups match the filters and the search.");
  private readonly heads = new Map<Column, HTMLElement>();
  private readonly virtual: Virtualizer<HTMLDivElement, HTMLElement>;
  private readonly stop: () => void;
  private order: Order = FIRST_ORDER;
  private rows: Row[] = [];
  private content: TableContent | null = null;

  constructor() {
    super();
    const head = h("tr", {}, ...COLUMNS.map((column) => this.head(column)));
    const caption = h("caption", { class: "visually-hidden" }, "Groups of the circuit. Click a column header to sort.");
    this.table = h("table", {}, caption, h("thead", {}, head), this.body);
    this.element.append(this.table, this.none);
    this.virtual = new Virtualizer(this.options());
    this.stop = this.virtual._didMount();
  }

  destroy(): void {
    this.stop();
  }

  show(content: TableContent): void {
    const before = this.content;
    this.content = content;
    const same = before?.view === content.view && before.only === content.only && before.lit === content.lit;
    if (!same) this.sort();
    else this.draw();
    if (before?.selected !== content.selected) this.reveal(content.selected);
  }

  /** The row `steps` below (or above) the selected one; the first row if none is selected. */
  neighbour(id: NodeId | null, steps: 1 | -1): NodeId | null {
    const at = this.rows.findIndex((row) => row.node.id === id);
    return (at < 0 ? this.rows[0] : this.rows[at + steps])?.node.id ?? null;
  }

  private sort(): void {
    if (!this.content) return;
    const { circuit, view, only, lit } = this.content;
    if (!lit && isOfImage(this.order.by)) this.order = FIRST_ORDER;
    this.rows = rowsOf(circuit, view, only, this.order, lit);
    this.none.hidden = this.rows.length > 0;
    this.table.hidden = this.rows.length === 0;
    this.table.setAttribute("aria-rowcount", String(this.rows.length + 1));
    for (const [column, head] of this.heads) {
      const sorted = this.order.descending ? "descending" : "ascending";
      head.hidden = !lit && isOfImage(column);
      head.setAttribute("aria-sort", column === this.order.by ? sorted : "none");
    }
    this.virtual.setOptions(this.options());
    this.virtual._willUpdate();
    this.draw();
  }

  private draw(): void {
    if (this.rows.length <= WHOLE) {
      this.body.replaceChildren(...this.rows.map((row, index) => this.line(row, index)));
      return;
    }
    const shown = this.virtual.getVirtualItems();
    const lines = shown.flatMap(({ index }) => {
      const row = this.rows[index];
      return row ? [this.line(row, index)] : [];
    });
    const above = shown[0]?.start ?? 0;
    const below = this.virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
    this.body.replaceChildren(spacer(above), ...lines, spacer(below));
  }

  private line(row: Row, index: number): HTMLElement {
    const { id } = row.node;
    const selected = id === this.content?.selected;
    const marked = this.content?.marked.has(id);
    const name = [row.node.kind, selected && "selected", marked && "marked"].filter(Boolean).join(" ");
    const line = h("tr", { class: name, "aria-rowindex": index + 2, "aria-current": selected && "true" });
    const notes = this.content?.noted.get(id) ?? 0;
    line.append(...cellsOf(row, (other) => this.emit("select", other), (this.content?.lit ?? null) !== null, notes));
    line.dataset.id = id;
    line.addEventListener("click", (event) => {
      if (event.defaultPrevented) return;
      this.emit(event.shiftKey ? "mark" : "select", id);
    });
    line.addEventListener("dblclick", () => this.emit("open", id));
    return line;
  }

  private reveal(id: NodeId | EdgeId | null): void {
    const index = this.rows.findIndex((row) => row.node.id === id);
    if (index < 0) return;
    if (this.rows.length > WHOLE) this.virtual.scrollToIndex(index, { align: "auto" });
    else this.body.children[index]?.scrollIntoView?.({ block: "nearest" });
  }

  private head({ column, label, about }: HeadOf): HTMLElement {
    const button = h("button", { type: "button", title: `Sort by ${label}` }, label);
    button.addEventListener("click", () => {
      const same = this.order.by === column;
      this.order = { by: column, descending: same ? !this.order.descending : column !== "label" };
      this.sort();
    });
    const head = h("th", { scope: "col", "aria-sort": "none" }, button, about && termMark(label, about));
    this.heads.set(column, head);
    return head;
  }

  private options() {
    return {
      count: this.rows.length,
      getScrollElement: () => this.element,
      estimateSize: () => ROW_HEIGHT,
      overscan: 12,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => {
        if (this.rows.length > WHOLE) this.draw();
      },
    };
  }
}

const isOfImage = (name: Column) => COLUMNS.some(({ column, image }) => column === name && image === true);

function spacer(height: number): HTMLElement {
  const cell = h("td", { colspan: COLUMNS.length });
  cell.style.height = `${Math.max(0, height)}px`;
  return h("tr", { "aria-hidden": "true", class: "ex-spacer" }, cell);
}

interface HeadOf {
  column: Column;
  label: string;
  /** The meaning of the column's numbers. */
  about?: Meaning;
  /** Whether the column is shown only while an image is open. */
  image?: true;
}

export const COLUMNS: readonly HeadOf[] = [
  { column: "label", label: "Group" },
  { column: "layer", label: "Layer" },
  { column: "score", label: "M", about: DEFINITIONS.score, image: true },
  { column: "percentile", label: DEFINITIONS.percentile.name, about: DEFINITIONS.percentile, image: true },
  ...LISTED.map((column) => ({ column, label: GROUP_FIGURES[column].label, about: GROUP_FIGURES[column] })),
  { column: "neurons", label: "Neurons" },
  { column: "into", label: "Strongest input" },
  { column: "outOf", label: "Strongest output" },
];

const NOTHING = "–";

/** The cells of a row, with those of an image only if one is open. `notes` is the number of notes on the node. */
export function cellsOf(row: Row, select: (id: NodeId | EdgeId) => void, image: boolean, notes = 0): HTMLElement[] {
  const { node, mark } = row;
  const jump = (id: NodeId | EdgeId, ...content: (Node | string | null)[]) => {
    const button = h("button", { type: "button", class: "quiet" }, ...content);
    button.addEventListener("click", (event) => {
      if (event.shiftKey) return;
      event.preventDefault();
      select(id);
    });
    return button;
  };
  const edge = (end: Row["into"]) =>
    h(
      "td",
      {},
      end
        ? jump(
            end.edge.id,
            h("span", { class: end.edge.weight < 0 ? "ex-negative" : "ex-positive" }, signed(end.edge.weight)),
            end.other,
          )
        : NOTHING,
    );
  return [
    h(
      "th",
      { scope: "row" },
      jump(node.id, nodePicture(node), h("span", {}, rowName(node))),
      notes > 0 && h("span", { class: "ex-notes small" }, count(notes, "note")),
    ),
    h("td", {}, row.layerName),
    ...(image
      ? [
          h("td", { class: "number" }, mark ? mark.score.toFixed(2) : NOTHING),
          h(
            "td",
            { class: "number" },
            mark?.percentile === null || !mark ? NOTHING : String(Math.round(mark.percentile)),
            mark && h("span", { class: `ex-lit ${mark.lit}` }, mark.lit === "neither" ? "" : ` ${LIT_WORDS[mark.lit]}`),
          ),
        ]
      : []),
    ...LISTED.map((name) => h("td", { class: "number" }, figureText(name, row.figures[name]))),
    h("td", { class: "number" }, String(node.neurons.length)),
    edge(row.into),
    edge(row.outOf),
  ];
}
