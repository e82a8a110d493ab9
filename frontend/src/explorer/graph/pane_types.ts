/**
 * The graph's events, and its input in addition to the view. Separate because `graph_pane.ts` is at the maximum length.
 */

import type { EdgeId, Group, GroupId, NodeId, ViewState } from "../../circuit/types";
import type { Structure } from "./order";

export interface GraphEvents {
  select: NodeId | EdgeId | null;
  hover: NodeId | EdgeId | null;
  open: NodeId;
  /** How far the user moved a node from its place in the layout. */
  move: { node: NodeId; x: number; y: number };
}

export interface ShowOptions {
  moves: ViewState["moves"];
  /** The whole circuit, so that filtered nodes keep their places. Without it, only the view is laid out. */
  circuit?: Omit<Structure, "groups"> & { groups: readonly Group[] };
  /** The state's super-groups. Filtered ones keep their places, too. */
  merge?: readonly (readonly GroupId[])[];
}
