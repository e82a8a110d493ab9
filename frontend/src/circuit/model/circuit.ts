/** A circuit's overview, indexed by layers, groups and edges. */

import type { Group, GroupId, Overview, Tile } from "../types";

export type Layer = Overview["layers"][number];
export type Link = Overview["edges"][number];

/** The maximum number of exemplars of a node. */
const TILES = 9;

export interface Circuit {
  overview: Overview;
  /** From low to high. */
  layers: readonly Layer[];
  layer: ReadonlyMap<string, Layer>;
  groups: ReadonlyMap<GroupId, Group>;
  /** Groups of each layer by number; an entry for every layer. */
  members: ReadonlyMap<string, readonly Group[]>;
  /** The edges of a group from the layer below, and to the layer above. */
  into: ReadonlyMap<GroupId, readonly Link[]>;
  outOf: ReadonlyMap<GroupId, readonly Link[]>;
  /** Edges with both ends in the circuit. */
  edges: readonly Link[];
  /** The largest |weight| into each layer, by its name, without layers that have no such edges. */
  heaviest: ReadonlyMap<string, number>;
  /** The highest layer, which holds the class; null in an empty circuit. */
  top: Layer | null;
  /** The labels of groups, as shown in the view. */
  names: ReadonlyMap<GroupId, string>;
}

export function indexCircuit(overview: Overview, names: Circuit["names"] = new Map()): Circuit {
  const layers = [...overview.layers].sort((a, b) => a.position - b.position);
  const layer = new Map(layers.map((each) => [each.name, each]));
  const members = new Map<string, Group[]>(layers.map((each) => [each.name, []]));
  const groups = new Map<GroupId, Group>();
  for (const group of overview.groups) {
    const row = members.get(group.layer);
    if (!row) continue;
    row.push(group);
    groups.set(group.id, group);
  }
  for (const row of members.values()) row.sort((a, b) => a.number - b.number);
  const edges = overview.edges.filter((edge) => groups.has(edge.source) && groups.has(edge.target));
  return {
    overview,
    layers,
    layer,
    groups,
    members,
    into: groupBy(edges, (edge) => edge.target),
    outOf: groupBy(edges, (edge) => edge.source),
    edges,
    heaviest: heaviestInto(edges, groups),
    top: layers.at(-1) ?? null,
    names,
  };
}

function heaviestInto(edges: readonly Link[], groups: ReadonlyMap<GroupId, Group>): Map<string, number> {
  const heaviest = new Map<string, number>();
  for (const { target, weight } of edges) {
    const layer = groups.get(target)?.layer ?? "";
    heaviest.set(layer, Math.max(heaviest.get(layer) ?? 0, Math.abs(weight)));
  }
  return heaviest;
}

/** Where a group's exemplars lie on its layer's sheet, the nearest first. */
export function tilesOf(circuit: Circuit, group: Group): Tile[] {
  const layer = circuit.layer.get(group.layer);
  if (!layer?.sprite || !layer.tile) return [];
  const { sprite: sheet, tile: side } = layer;
  const row = circuit.members.get(layer.name)?.indexOf(group) ?? 0;
  const shown = Math.min(group.exemplars, TILES);
  return Array.from({ length: shown }, (_, column) => ({ sheet, x: column * side, y: row * side, side }));
}

/** The circuit's groups without the class, by |contribution|, largest first. */
export function strongest(circuit: Circuit, most: number): Group[] {
  const below = [...circuit.groups.values()].filter((group) => group.layer !== circuit.top?.name);
  return below.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).slice(0, most);
}

/** Items by a key; `Map.groupBy`, which some browsers in use do not have yet. */
export function groupBy<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const at = key(item);
    const group = groups.get(at);
    if (group) group.push(item);
    else groups.set(at, [item]);
  }
  return groups;
}
