/**
 * The units of each layer with the user's super-groups: each unit is a group or a super-group.
 *
 * A super-group has the sum of its members' contributions, the neurons of all of them, and their exemplars
 * in turn: the nearest of each, then the second nearest of each.
 */

import type { Group, GroupId, NodeId, NodeKind, Tile } from "../types";
import { type Circuit, tilesOf } from "./circuit";
import { superId } from "./ids";

const TILES = 9;

export interface Unit {
  id: NodeId;
  kind: NodeKind;
  layer: string;
  label: string;
  members: GroupId[];
  neurons: number[];
  contribution: number;
  tiles: Tile[];
}

export interface Units {
  /** The units of each layer, by the number of their first group. */
  byLayer: ReadonlyMap<string, readonly Unit[]>;
  /** The unit that a group is in. */
  of: ReadonlyMap<GroupId, Unit>;
}

/** The units of a circuit. `merge` is in canonical form. */
export function unitsOf(circuit: Circuit, merge: readonly (readonly GroupId[])[]): Units {
  const merged = new Map(merge.flatMap((members) => members.map((id) => [id, members] as const)));
  const of = new Map<GroupId, Unit>();
  const byLayer = new Map<string, Unit[]>();
  for (const [name, groups] of circuit.members) {
    const units: Unit[] = [];
    for (const group of groups) {
      if (of.has(group.id)) continue;
      const unit = unitFor(circuit, merged.get(group.id) ?? [group.id]);
      for (const id of unit.members) of.set(id, unit);
      units.push(unit);
    }
    byLayer.set(name, units);
  }
  return { byLayer, of };
}

function unitFor(circuit: Circuit, ids: readonly GroupId[]): Unit {
  const groups = ids.map((id) => circuit.groups.get(id)).filter((group): group is Group => group !== undefined);
  const [first] = groups;
  if (!first) throw new Error(`no group of ${ids.join(", ")} is in the circuit`);
  const isClass = first.layer === circuit.top?.name;
  const alone = groups.length === 1;
  return {
    id: alone ? first.id : superId(ids),
    kind: isClass ? "class" : alone ? "group" : "super",
    layer: first.layer,
    label: isClass
      ? `class ${circuit.overview.class}`
      : groups.map((group) => circuit.names.get(group.id) ?? group.number).join(" + "),
    members: groups.map((group) => group.id),
    neurons: [...new Set(groups.flatMap((group) => group.neurons))].sort((a, b) => a - b),
    contribution: groups.reduce((sum, group) => sum + group.contribution, 0),
    tiles: interleaved(groups.map((group) => tilesOf(circuit, group))).slice(0, TILES),
  };
}

/** The first of each, then the second of each, and so on. */
export function interleaved<T>(rows: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...rows.map((row) => row.length));
  const columns = Array.from({ length: longest }, (_, at) => rows.flatMap((row) => row.slice(at, at + 1)));
  return columns.flat();
}
