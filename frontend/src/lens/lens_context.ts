/** What the parts of the image lens share. */

import type { AnalysisCard, GroupId, Looked, Overview } from "../circuit/types";
import type { Term } from "./definitions";
import type { LensApi } from "./lens_api";

/** What every section of the lens is given. */
export interface LensContext {
  analysis: Looked;
  /** Of the circuit through which it was inspected. */
  overview: Overview;
  api: LensApi;
  /** Aborted when another image, or none, is shown. */
  signal: AbortSignal;
  /** Chooses a group: the graph shows it, the image where it fires. */
  select(group: GroupId): void;
  /** The group that is chosen now; null where none is. */
  selected?(): GroupId | null;
  /** The pointer or the focus is on a word for a group; null when it has left. */
  hover(group: GroupId | null): void;
  /** Opens another analysis of this or another circuit. */
  open(analysis: AnalysisCard): void;
  /** Tells what a number is: opens its definition. */
  define(term: Term): void;
}
