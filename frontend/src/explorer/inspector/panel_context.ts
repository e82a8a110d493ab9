/** The context of the inspector's panels. Short: a separate file, as all panels import it. */

import type { Context } from "../../circuit/inspector_widget";
import type { CircuitNotes } from "../../sharing/circuit_notes";

export interface PanelContext extends Context {
  /** The labels and notes; null if they cannot be loaded. */
  circuitNotes?: CircuitNotes | null;
}
