/**
 * An expanded group: a box that holds its parts, the semantic groups of its neurons.
 *
 * Links are the finest weights, from part to part; those of an edge sum to its weight. Where they are known, edges end
 * at parts; where they are not (circuits computed before links were kept), edges stay with the box.
 */

import type { EdgeLink, GroupId, Members, NodeId, ViewNode } from "../types";
import { groupBy, type Link } from "./circuit";
import { edgeId, partId } from "./ids";

const PICTURES = 9;

export interface Opened {
  parts: ViewNode[];
  /** The links of each edge between groups; null if they are unknown. */
  links: ReadonlyMap<string, readonly EdgeLink[]> | null;
}

export interface WeightedPair {
  source: NodeId;
  target: NodeId;
  weight: number;
}

const opened = new WeakMap<Members, Opened>();

/** The parts and links of a group; the same object for the same response of the API. */
export function open(members: Members, layer: number): Opened {
  const known = opened.get(members);
  if (known) return known;
  const made = {
    parts: partNodes(members, layer),
    links: members.links && groupBy(members.links, (link) => edgeId(link.source_group, link.target_group)),
  };
  opened.set(members, made);
  return made;
}

function partNodes(members: Members, layer: number): ViewNode[] {
  const strongest = Math.max(...members.neurons.map((neuron) => Math.abs(neuron.activation)), Number.MIN_VALUE);
  return members.neurons.flatMap((neuron) =>
    neuron.parts.map(({ part, patches }) => ({
      id: partId(members.id, neuron.channel, part),
      kind: "part" as const,
      layer,
      parent: members.id,
      label: `neuron ${neuron.channel}${neuron.parts.length > 1 ? ` · ${part + 1}` : ""}`,
      members: [members.id],
      neurons: [neuron.channel],
      contribution: null,
      size: Math.abs(neuron.activation) / strongest,
      tiles: [],
      pictures: patches.flatMap(({ picture }) => picture ?? []).slice(0, PICTURES),
      expanded: false,
    })),
  );
}

/**
 * The drawn edges for an edge between two groups: one, or one for each pair of parts.
 *
 * @param boxes the node for each group that is not expanded: the group or its super-group.
 */
export function pairsOf(
  edge: Link,
  openGroups: ReadonlyMap<GroupId, Opened>,
  boxes: (group: GroupId) => NodeId,
): WeightedPair[] {
  const source = openGroups.get(edge.source);
  const target = openGroups.get(edge.target);
  const key = edgeId(edge.source, edge.target);
  const links = source?.links?.get(key) ?? target?.links?.get(key);
  const box = { source: boxes(edge.source), target: boxes(edge.target) };
  if (!links?.length) return [{ ...box, weight: edge.weight }];
  const end = (group: Opened | undefined, id: NodeId, otherwise: NodeId) =>
    group?.parts.some((part) => part.id === id) ? id : otherwise;
  return links.map((link) => ({
    source: end(source, partId(link.source_group, link.source_channel, link.source_part), box.source),
    target: end(target, partId(link.target_group, link.target_channel, link.target_part), box.target),
    weight: link.weight,
  }));
}
