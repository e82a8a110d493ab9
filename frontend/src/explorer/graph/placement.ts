/** The positions of all nodes: layers as rows, with room for expanded groups. */

import { groupBy } from "../../circuit/model/circuit";
import { superId } from "../../circuit/model/ids";
import type { GroupId, NodeId, ViewGraph, ViewNode, ViewState } from "../../circuit/types";
import {
  BOX_HEAD,
  boxSize,
  columnsFor,
  EMPTY_ROW,
  gapFor,
  nodeSide,
  PART,
  type Place,
  partOffset,
  ROW,
  SLOT,
} from "./geometry";
import type { Order } from "./order";

const MARGIN = 10;

/** The band of a layer, from `top` to `bottom`. */
export interface Band {
  position: number;
  top: number;
  bottom: number;
}

export interface Placement {
  /** Centres and sizes of nodes without the user's moves. */
  home: Map<NodeId, Place>;
  /** Centres and sizes of nodes with the user's moves. */
  places: Map<NodeId, Place>;
  /** From the lowest layer up. */
  bands: Band[];
}

/** The order with super-groups, each in the middle of its members' places. */
export function mergedOrder(order: Order, merge: readonly (readonly GroupId[])[]): Order {
  const heads = new Map<GroupId, NodeId>();
  for (const members of merge) for (const id of members) heads.set(id, superId(members));
  if (heads.size === 0) return order;
  return new Map(
    [...order].map(([position, ids]) => {
      const ranks = new Map<NodeId, number[]>();
      ids.forEach((id, rank) => {
        const head = heads.get(id) ?? id;
        ranks.set(head, [...(ranks.get(head) ?? []), rank]);
      });
      const mean = (of: number[]) => of.reduce((sum, rank) => sum + rank, 0) / of.length;
      return [position, [...ranks].sort((a, b) => mean(a[1]) - mean(b[1])).map(([id]) => id)];
    }),
  );
}

/** The place of every node. Filtered nodes keep their slots, so that no other node moves. */
export function place(view: ViewGraph, order: Order, moves: ViewState["moves"]): Placement {
  const rows = groupBy(
    view.nodes.filter((node) => node.parent === null),
    (node) => node.layer,
  );
  const slots = new Map(
    view.layers.map(({ position }) => [position, withStrays(order.get(position) ?? [], rows.get(position) ?? [])]),
  );
  const columns = columnsFor(
    [...order.keys()].map((position) => (slots.get(position) ?? order.get(position) ?? []).length),
  );
  const parts = groupBy(
    view.nodes.filter((node) => node.parent !== null),
    (node) => node.parent,
  );
  const boxOf = (node: ViewNode) => (node.expanded ? boxSize(Math.max(1, parts.get(node.id)?.length ?? 0)) : null);
  const home = new Map<NodeId, Place>();
  const bands: Band[] = [];
  let bottom = 0;
  for (const { position } of [...view.layers].sort((a, b) => a.position - b.position)) {
    const shown = rows.get(position) ?? [];
    const ids = slots.get(position) ?? [];
    const top = shown.length ? placeRow({ shown, ids, columns, bottom, boxOf }, home) : bottom - EMPTY_ROW;
    bands.push({ position, top, bottom });
    bottom = top - (shown.length ? gapFor(columns) : EMPTY_ROW);
  }
  for (const [parent, children] of parts) {
    const box = home.get(parent ?? "");
    if (!box) continue;
    children.forEach((part, i) => {
      const offset = partOffset(i, children.length);
      home.set(part.id, { x: box.x + offset.x, y: box.y + offset.y, width: PART, height: PART });
    });
  }
  return { home, places: moved(view, home, moves), bands };
}

function moved(view: ViewGraph, home: ReadonlyMap<NodeId, Place>, moves: ViewState["moves"]): Map<NodeId, Place> {
  const places = new Map<NodeId, Place>();
  for (const node of view.nodes) {
    const at = home.get(node.id);
    const move = moves[node.parent ?? node.id];
    if (at) places.set(node.id, move ? { ...at, x: at.x + move.x, y: at.y + move.y } : at);
  }
  return places;
}

/** Nodes that are not in the order come last in their row. */
function withStrays(ids: readonly NodeId[], shown: readonly ViewNode[]): readonly NodeId[] {
  const known = new Set(ids);
  const strays = shown.filter((node) => !known.has(node.id)).map((node) => node.id);
  return strays.length ? [...ids, ...strays] : ids;
}

interface Row {
  shown: readonly ViewNode[];
  /** All nodes of the layer, visible or not. */
  ids: readonly NodeId[];
  columns: number;
  bottom: number;
  boxOf: (node: ViewNode) => { width: number; height: number } | null;
}

/** Places a layer's nodes above `bottom`. Returns the top of its band. */
function placeRow({ shown, ids, columns, bottom, boxOf }: Row, home: Map<NodeId, Place>): number {
  const lines = Math.ceil(ids.length / columns);
  const across = Math.ceil(ids.length / lines);
  const rank = new Map(ids.map((id, i) => [id, i]));
  const laid = shown.map((node) => ({ node, box: boxOf(node), ...cell(rank.get(node.id) ?? 0, lines) }));
  const boxes = laid.flatMap(({ box, column, line }) => (box ? [{ ...box, column, line }] : []));
  const bases: number[] = [];
  let y = bottom;
  for (let line = lines - 1; line >= 0; line--) {
    bases[line] = y;
    y -= Math.max(ROW, ...boxes.filter((box) => box.line === line).map((box) => box.height + BOX_HEAD + 2 * MARGIN));
  }
  for (const { node, box, column, line } of laid) {
    const base = bases[line] ?? bottom;
    const aside = boxes.reduce((sum, other) => sum + Math.sign(column - other.column) * roomFor(other.width), 0);
    const x = (column - (across - 1) / 2) * SLOT + aside;
    const side = nodeSide(node.size);
    if (box) home.set(node.id, { x, y: Math.min(base - ROW / 2, base - MARGIN - box.height / 2), ...box });
    else home.set(node.id, { x, y: base - ROW / 2, width: side, height: side });
  }
  return y;
}

/** How far a box pushes its neighbours to each side. */
function roomFor(width: number): number {
  return Math.max(0, width + 2 * MARGIN - SLOT) / 2;
}

/** Ranks run down a column, then continue in the next one, so that the order from left to right is kept. */
function cell(rank: number, lines: number): { column: number; line: number } {
  return { column: Math.floor(rank / lines), line: rank % lines };
}
