/** The view and its circuit, with look-ups by id and names. */

import { readPart } from "./model/ids";
import type { EdgeId, Group, GroupId, NodeId, Overview, ViewEdge, ViewGraph, ViewNode } from "./types";

/** The layer and number of `layer/number`. A layer's name can contain slashes. */
export function placeOf(group: GroupId): { layer: string; number: number } {
  const cut = group.lastIndexOf("/");
  return { layer: group.slice(0, cut), number: Number(group.slice(cut + 1)) };
}

/** With a capital first letter, for titles. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export class Scene {
  private readonly nodes: Map<NodeId, ViewNode>;
  private readonly edges: Map<EdgeId, ViewEdge>;
  private readonly groups: Map<GroupId, Group>;

  constructor(
    readonly view: ViewGraph,
    readonly overview: Overview,
    /** The labels of groups. */
    readonly names: ReadonlyMap<GroupId, string> = new Map(),
  ) {
    this.nodes = new Map(view.nodes.map((node) => [node.id, node]));
    this.edges = new Map(view.edges.map((edge) => [edge.id, edge]));
    this.groups = new Map(overview.groups.map((group) => [group.id, group]));
  }

  node(id: NodeId): ViewNode | null {
    return this.nodes.get(id) ?? null;
  }

  /** The ends of an edge, visible or filtered; null if `id` is not an edge of the circuit. */
  edge(id: EdgeId): { id: EdgeId; source: NodeId; target: NodeId; weight: number } | null {
    const seen = this.edges.get(id);
    if (seen) return seen;
    const link = this.overview.edges.find(({ source, target }) => `${source}>${target}` === id);
    return link ? { id, ...link } : null;
  }

  group(id: GroupId): Group | null {
    return this.groups.get(id) ?? null;
  }

  /** The groups of a node; for a part, its group. */
  members(id: NodeId): GroupId[] {
    return this.node(id)?.members ?? [readPart(id)?.group ?? id];
  }

  /** Whether it is the class itself: the group of the topmost layer. */
  isClass(id: NodeId): boolean {
    const seen = this.node(id);
    if (seen) return seen.kind === "class";
    const top = this.overview.layers.at(-1)?.name;
    return this.group(id)?.layer === top;
  }

  layerOf(id: NodeId): string {
    return placeOf(this.members(id)[0] ?? id).layer;
  }

  /** `class cat`, `group 3`, `groups 3 + 5`, `neuron 12`, or the label. */
  name(id: NodeId): string {
    const label = this.node(id)?.label;
    const part = readPart(id);
    if (part) return label ?? `neuron ${part.channel}`;
    if (this.isClass(id)) return label ?? `class ${this.overview.class}`;
    const text = this.names.get(id) ?? label ?? String(placeOf(id).number);
    if (/^\d+$/.test(text)) return `group ${text}`;
    return /^\d+( \+ \d+)+$/.test(text) ? `groups ${text}` : text;
  }

  /** The name with its layer, which is unique. */
  fullName(id: NodeId): string {
    return `${this.name(id)} in ${this.layerOf(id)}`;
  }

  /** Address of one picture of it. */
  picture(id: NodeId): string | null {
    return this.node(id)?.pictures[0] ?? this.group(this.members(id)[0] ?? id)?.picture ?? null;
  }

  /** The visible node of a group: itself, or its super-group. */
  nodeOf(group: GroupId): NodeId {
    if (this.nodes.has(group)) return group;
    const holder = this.view.nodes.find((node) => node.kind === "super" && node.members.includes(group));
    return holder?.id ?? group;
  }
}
