/** What the parts of the image lens share. */

import type { AnalysisCard, GroupId, FinishedAnalysis, Overview } from "../circuit/types";
import type { Term } from "./definitions";
import type { LensApi } from "./lens_api";

/** What every section of the lens is given. */
export interface LensContext {
  analysis: FinishedAnalysis;
  /** The circuit that the image was inspected with. */
  overview: Overview;
  api: LensApi;
  /** Aborted when another image, or none, is shown. */
  signal: AbortSignal;
  /** Selects a group in the graph, and shows where it fires. */
  select(group: GroupId): void;
  /** The selected group; null if there is none. */
  selected?(): GroupId | null;
  /** The pointer or the focus is on a group; null when it leaves. */
  hover(group: GroupId | null): void;
  /** Opens another analysis of this or another circuit. */
  open(analysis: AnalysisCard): void;
  /** Opens the definition of a number. */
  define(term: Term): void;
}
