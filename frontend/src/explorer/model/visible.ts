/** From a circuit and what a person chose to see, to what is to be seen. */

import type { EdgeId, GroupId, Members, ViewEdge, ViewGraph, ViewNode, ViewState } from "../types";
import { reached } from "./around";
import type { Circuit } from "./circuit";
import { type Opened, open, pairsOf } from "./expand";
import { edgeId } from "./ids";
import { influential } from "./influence";
import { type Unit, type Units, unitsOf } from "./merge";

/**
 * What is to be seen.
 *
 * @param members of the expanded groups, as far as they are loaded; a group without stays closed.
 * @param state as `canonical` leaves it.
 */
export function buildView(circuit: Circuit, members: ReadonlyMap<GroupId, Members>, state: ViewState): ViewGraph {
  const units = unitsOf(circuit, state.merge);
  const opened = openedGroups(circuit, units, members, state);
  const all = allEdges(circuit, units, opened);
  let nodes = shownNodes(circuit, units, opened, state);
  let edges = filtered(all, nodes, state);
  const { around } = state;
  if (around && nodes.some((node) => node.id === around.node)) {
    const found = reached(nodes, edges, around.node, around.direction);
    nodes = nodes.filter((node) => found.has(node.id));
  }
  // Last, so that ways lead through layers that are left out.
  const layers = circuit.layers.filter((layer) => !state.hide.includes(layer.name));
  const positions = new Set(layers.map((layer) => layer.position));
  nodes = nodes.filter((node) => positions.has(node.layer));
  const there = new Set(nodes.map((node) => node.id));
  edges = edges.filter((edge) => there.has(edge.source) && there.has(edge.target));
  const groupsOf = (shown: readonly ViewNode[]) =>
    shown.reduce((sum, node) => sum + (node.parent ? 0 : node.members.length), 0);
  return {
    layers: layers.map((layer) => ({
      position: layer.position,
      name: layer.name,
      channels: layer.channels,
      shape: layer.shape,
      groups: circuit.members.get(layer.name)?.length ?? 0,
      shown: groupsOf(nodes.filter((node) => node.layer === layer.position)),
    })),
    nodes,
    edges,
    hiddenGroups: circuit.groups.size - groupsOf(nodes),
    hiddenEdges: all.length - edges.length,
  };
}

function openedGroups(
  circuit: Circuit,
  units: Units,
  members: ReadonlyMap<GroupId, Members>,
  state: ViewState,
): Map<GroupId, Opened> {
  const opened = new Map<GroupId, Opened>();
  for (const id of state.expand) {
    const unit = units.of.get(id);
    const loaded = members.get(id);
    if (unit?.id !== id || !loaded) continue;
    opened.set(id, open(loaded, circuit.layer.get(unit.layer)?.position ?? 0));
  }
  return opened;
}

function shownNodes(
  circuit: Circuit,
  units: Units,
  opened: ReadonlyMap<GroupId, Opened>,
  state: ViewState,
): ViewNode[] {
  const nodes: ViewNode[] = [];
  for (const layer of circuit.layers) {
    const row = units.byLayer.get(layer.name) ?? [];
    const strongest = Math.max(...row.map((unit) => Math.abs(unit.contribution)), 0);
    const kept = layer === circuit.top ? row : influential(row, state.influence);
    for (const unit of kept) {
      const parts = opened.get(unit.id)?.parts ?? [];
      nodes.push(nodeOf(unit, layer.position, strongest, parts.length > 0), ...parts);
    }
  }
  return nodes;
}

function nodeOf(unit: Unit, layer: number, strongest: number, expanded: boolean): ViewNode {
  const { id, kind, label, members, neurons, contribution, tiles } = unit;
  const size = strongest > 0 ? Math.abs(contribution) / strongest : 0;
  return { id, kind, layer, parent: null, label, members, neurons, contribution, size, tiles, pictures: [], expanded };
}

/** Every edge between units and parts, its weight the exact sum of what it stands for. */
function allEdges(circuit: Circuit, units: Units, opened: ReadonlyMap<GroupId, Opened>): ViewEdge[] {
  const edges = new Map<EdgeId, ViewEdge>();
  const box = (group: GroupId) => units.of.get(group)?.id ?? group;
  for (const edge of circuit.edges) {
    for (const { source, target, weight } of pairsOf(edge, opened, box)) {
      const id = edgeId(source, target);
      const known = edges.get(id) ?? { id, source, target, weight: 0, size: 0 };
      known.weight += weight;
      // What flows grows with the number of neurons: only edges between the same two layers compare.
      const heaviest = circuit.heaviest.get(circuit.groups.get(edge.target)?.layer ?? "") ?? 0;
      known.size = heaviest > 0 ? Math.min(1, Math.abs(known.weight) / heaviest) : 0;
      edges.set(id, known);
    }
  }
  return [...edges.values()];
}

function filtered(all: readonly ViewEdge[], nodes: readonly ViewNode[], state: ViewState): ViewEdge[] {
  const there = new Set(nodes.map((node) => node.id));
  const least = state.weight / 100;
  return all.filter(({ source, target, weight, size }) => {
    if (!there.has(source) || !there.has(target) || size < least) return false;
    return state.sign === "both" || weight > 0 === (state.sign === "positive");
  });
}
