/** The context of the inspector's panels. Apart from the panels, which all import it. */

import type { Context } from "../../circuit/inspector_widget";
import type { CircuitNotes } from "../../sharing/circuit_notes";

export interface PanelContext extends Context {
  /** What users wrote; null where that cannot be asked for. */
  circuitNotes?: CircuitNotes | null;
}
