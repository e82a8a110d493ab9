/**
 * The graph's events, and its input apart from the view. Not in the pane's file, which is as long as a file may be.
 */

import type { EdgeId, Group, GroupId, NodeId, ViewState } from "../../circuit/types";
import type { Structure } from "./order";

export interface GraphEvents {
  select: NodeId | EdgeId | null;
  hover: NodeId | EdgeId | null;
  open: NodeId;
  /** Where the user has moved a node to, from where the layout puts it. */
  move: { node: NodeId; x: number; y: number };
}

export interface ShowOptions {
  moves: ViewState["moves"];
  /** The whole circuit: what is filtered away keeps its place. Without it, the layout is that of the view. */
  circuit?: Omit<Structure, "groups"> & { groups: readonly Group[] };
  /** Super-groups of the state: those that are filtered away keep their place, too. */
  merge?: readonly (readonly GroupId[])[];
}
