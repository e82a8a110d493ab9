/**
 * The visible part of a circuit: by influence, sign, weight, layer, a node's surroundings, and words that are
 * searched for.
 */

import type { Direction, EdgeId, GroupId, Members, NodeId, ViewEdge, ViewGraph, ViewNode, ViewState } from "../types";
import { type Circuit, groupBy } from "./circuit";
import { open, type Opened, pairsOf } from "./expand";
import { edgeId } from "./ids";
import { type Unit, type Units, unitsOf } from "./merge";

/**
 * The visible part of a circuit.
 *
 * @param members of the expanded groups that are loaded. Others stay collapsed.
 * @param state in canonical form.
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
  // Last, so that paths can lead through hidden layers.
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

/** The edges between units and parts. A weight is the exact sum of the edges or links that it stands for. */
function allEdges(circuit: Circuit, units: Units, opened: ReadonlyMap<GroupId, Opened>): ViewEdge[] {
  const edges = new Map<EdgeId, ViewEdge>();
  const box = (group: GroupId) => units.of.get(group)?.id ?? group;
  for (const edge of circuit.edges) {
    for (const { source, target, weight } of pairsOf(edge, opened, box)) {
      const id = edgeId(source, target);
      const known = edges.get(id) ?? { id, source, target, weight: 0, size: 0 };
      known.weight += weight;
      // Weights grow with the number of neurons, so only edges between the same two layers can be compared.
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

/**
 * The ids of `start` and of all nodes that can be reached from it.
 *
 * A path that reaches a box continues from its parts. A path that reaches a part includes its box, but
 * continues from that part only.
 */
export function reached(
  nodes: readonly ViewNode[],
  edges: readonly ViewEdge[],
  start: NodeId,
  direction: Direction,
): Set<NodeId> {
  const up = direction === "down" ? [] : [...walk(nodes, edges, start, (edge) => [edge.source, edge.target])];
  const down = direction === "up" ? [] : [...walk(nodes, edges, start, (edge) => [edge.target, edge.source])];
  const found = new Set([...up, ...down]);
  for (const node of nodes) if (node.parent && found.has(node.id)) found.add(node.parent);
  return found;
}

function walk(
  nodes: readonly ViewNode[],
  edges: readonly ViewEdge[],
  start: NodeId,
  way: (edge: ViewEdge) => readonly [NodeId, NodeId],
): Set<NodeId> {
  const next = groupBy(edges, (edge) => way(edge)[0]);
  const parts = groupBy(
    nodes.filter((node) => node.parent),
    (node) => node.parent,
  );
  const found = new Set([start]);
  for (const id of found) {
    for (const part of parts.get(id) ?? []) found.add(part.id);
    for (const edge of next.get(id) ?? []) found.add(way(edge)[1]);
  }
  return found;
}

interface Contributing {
  contribution: number | null;
}

/** Tolerance for the rounding of sums. */
const ROUNDING = 1e-12;

/**
 * The fewest units of a layer whose |contribution| sum to `percent` of the layer's, in their own order.
 *
 * At 100, all units are included, even those without contribution. Of equal ones, the first are taken.
 */
export function influential<T extends Contributing>(layer: readonly T[], percent: number): T[] {
  if (percent >= 100) return [...layer];
  const strength = (each: T) => Math.abs(each.contribution ?? 0);
  const total = layer.reduce((sum, each) => sum + strength(each), 0);
  if (total === 0) return [...layer];
  const kept = new Set<T>();
  let reached = 0;
  for (const each of [...layer].sort((a, b) => strength(b) - strength(a))) {
    if (reached >= (percent / 100) * total * (1 - ROUNDING)) break;
    kept.add(each);
    reached += strength(each);
  }
  return layer.filter((each) => kept.has(each));
}

/** The nodes that contain all words of `text`; null if `text` has no word. */
export function matches(view: ViewGraph, text: string): Set<NodeId> | null {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return null;
  const names = new Map(view.layers.map((layer) => [layer.position, layer.name]));
  const matches = (node: ViewNode) => {
    const searched = [node.label, names.get(node.layer) ?? "", node.id, node.kind].join("\n").toLowerCase();
    return words.every(
      (word) => searched.includes(word) || (/^\d+$/.test(word) && node.neurons.includes(Number(word))),
    );
  };
  return new Set(view.nodes.filter(matches).map((node) => node.id));
}
