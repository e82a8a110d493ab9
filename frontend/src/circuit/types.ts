/**
 * The types that the parts of the explorer share.
 *
 * From `Overview` and `ViewState`, `model/` computes a `ViewGraph`: the visible nodes and edges, without pixels.
 * Graph, table, inspector and exports read the same `ViewGraph`.
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
  /** For a part, its expanded group. */
  parent: NodeId | null;
  /** `class cat`, `3`, `3 + 5`, `neuron 12`, or the label that users gave. */
  label: string;
  /** The groups of the node; for a part, its group. */
  members: GroupId[];
  /** Channels of the layer. */
  neurons: number[];
  /** Signed share of the class logit that flows through it, in [-1, 1]. Of a part: null. */
  contribution: number | null;
  /** |contribution| relative to the largest in its layer, in [0, 1]: the node's size. */
  size: number;
  /** Exemplars, the nearest first, at most nine. */
  tiles: Tile[];
  /** For parts, which have no tiles: addresses of pictures. */
  pictures: string[];
  expanded: boolean;
}

/** A visible edge, from a node up to one in the layer above. */
export interface ViewEdge {
  id: EdgeId;
  source: NodeId;
  target: NodeId;
  weight: number;
  /** |weight| relative to the largest between the same two layers, in [0, 1]: the edge's width. */
  size: number;
}

export interface ViewLayer {
  position: number;
  name: string;
  channels: number;
  shape: readonly number[];
  /** The number of groups of the circuit in the layer, and of visible ones. */
  groups: number;
  shown: number;
}

export interface ViewGraph {
  /** From low to high. */
  layers: ViewLayer[];
  nodes: ViewNode[];
  edges: ViewEdge[];
  /** How many nodes and edges the filters hide. */
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
  /** Show the groups that account for this percentage of each layer's absolute contributions, 1…100. */
  influence: number;
  sign: Sign;
  /** The names of hidden layers. */
  hide: string[];
  /** Show edges whose |weight| is at least this percentage of the largest between the same two layers, 0…100. */
  weight: number;
  /** Dim nodes whose label, layer and neurons do not contain these words. */
  search: string;
  /** Show only nodes on paths to (`down`: below) or from (`up`: above) this node. */
  around: { node: NodeId; direction: Direction } | null;
  /** How far the user moved nodes from their place in the layout, in the graph's units. */
  moves: Record<NodeId, { x: number; y: number }>;
  show: "graph" | "table";
  /** The width of the inspector in pixels; 0 if it is hidden. */
  inspector: number;
  /** Whether the graph or the inspector fills the page. */
  full: "graph" | "inspector" | null;
  /** The tab of the panel: the inspector, or the image lens. */
  panel: "inspector" | "image";
  /** The id of the open analysis. */
  analysis: string | null;
  /** The id of the linked note. */
  note: string | null;
}

export type Analysis = Schemas["AnalysisOut"];

export type AnalysisCard = Schemas["AnalysisCard"];

export type Reading = Schemas["ReadingOut"];

export type GroupReading = Schemas["GroupReading"];

export type Place = Schemas["PlaceOut"];

export type Measurement = Schemas["MeasurementOut"];

export type Box = Schemas["Box"];

/** A finished analysis. */
export type FinishedAnalysis = Analysis & { reading: Reading };
