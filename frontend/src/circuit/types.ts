/**
 * What the parts of the explorer say to each other.
 *
 * `Overview` and `ViewState` go into `model/`, which gives a `ViewGraph`: what is visible, and nothing about pixels.
 * The graph, the table, the inspector and the exports all read that one `ViewGraph`.
 */

import type { Schemas } from "../api/client";

export type Overview = Schemas["CircuitOverview"];
export type Group = Schemas["GroupNode"];
/** `layer/number`. */
export type GroupId = string;
/** A group's id; `a+b+…` of sorted group ids for a super-group; `group#channel.part` for a part of an expanded group. */
export type NodeId = string;
/** `source>target` of node ids. */
export type EdgeId = string;

/** `GET …/members`: the semantic groups of a group's neurons, and all links at either end of it. */
export type Members = Schemas["GroupMembers"];
export type EdgeLink = Schemas["LinkOut"];

/** A square of a layer's sheet of exemplars, in the sheet's own pixels. */
export interface Tile {
  sheet: string;
  x: number;
  y: number;
  side: number;
}

export type NodeKind = "class" | "group" | "super" | "part";

/** A visible node. */
export interface ViewNode {
  id: NodeId;
  kind: NodeKind;
  /** Position of its layer, 0 the lowest. */
  layer: number;
  /** The expanded group that holds it, for a part. */
  parent: NodeId | null;
  /** `class cat`, `3`, `3 + 5`, `neuron 12`, or the name that the user gave. */
  label: string;
  /** The groups that it stands for; of a part, its group. */
  members: GroupId[];
  /** Channels of the layer. */
  neurons: number[];
  /** Signed share of the class logit that flows through it, in [-1, 1]. Of a part: null. */
  contribution: number | null;
  /** |contribution| next to the largest of all nodes of its layer, in [0, 1]: its size. */
  size: number;
  /** Exemplars, the nearest first, at most nine. */
  tiles: Tile[];
  /** Addresses of pictures, where there are no tiles (parts). */
  pictures: string[];
  expanded: boolean;
}

/** A visible edge, from a node up to one in the layer above. */
export interface ViewEdge {
  id: EdgeId;
  source: NodeId;
  target: NodeId;
  weight: number;
  /** |weight| next to the largest |weight| between the same two layers, in [0, 1]: its width. */
  size: number;
}

export interface ViewLayer {
  position: number;
  name: string;
  channels: number;
  shape: readonly number[];
  /** Groups of the circuit in it, and how many of them are visible. */
  groups: number;
  shown: number;
}

export interface ViewGraph {
  /** From low to high. */
  layers: ViewLayer[];
  nodes: ViewNode[];
  edges: ViewEdge[];
  /** How much the filters leave out. */
  hiddenGroups: number;
  hiddenEdges: number;
}

export type Sign = "both" | "positive" | "negative";
export type Direction = "up" | "down" | "both";

/** The state of the explorer. The page's address contains all of it. */
export interface ViewState {
  /** A node or an edge. */
  select: NodeId | EdgeId | null;
  expand: GroupId[];
  /** Super-groups: each at least two groups of one layer, no group in two. */
  merge: GroupId[][];
  /** Show the groups that account for so many per cent of each layer's absolute contributions, 1…100. */
  influence: number;
  sign: Sign;
  /** Layers that are left out, by name. */
  hide: string[];
  /** Show edges whose |weight| is at least so much of the largest between the same two layers, in per cent, 0…100. */
  weight: number;
  /** Words that a node's label, layer or neurons hold; what does not is dimmed. */
  search: string;
  /** Only what leads to (`down`: below) or follows from (`up`: above) this node. */
  around: { node: NodeId; direction: Direction } | null;
  /** Where the user has moved nodes to, from where the layout puts them, in the graph's own units. */
  moves: Record<NodeId, { x: number; y: number }>;
  show: "graph" | "table";
  /** How wide the inspector is, in pixels; 0 when it is hidden. */
  inspector: number;
  /** Whether the graph or the inspector fills the page. */
  full: "graph" | "inspector" | null;
  /** What the panel at the side shows: what is selected, or an image inspected through the circuit. */
  panel: "inspector" | "image";
  /** Id of the analysis that is open. */
  analysis: string | null;
  /** Id of the note that the address leads to. */
  note: string | null;
}

export type Analysis = Schemas["AnalysisOut"];

export type AnalysisCard = Schemas["AnalysisCard"];

export type Reading = Schemas["ReadingOut"];

export type GroupReading = Schemas["GroupReading"];

export type Place = Schemas["PlaceOut"];

export type Measurement = Schemas["MeasurementOut"];

export type Box = Schemas["Box"];

/** An analysis whose image was inspected. */
export type Looked = Analysis & { reading: Reading };
