/** Sentences on what of a link, or of a circuit, is not as one may expect. */

import type { Overview } from "../circuit/types";

export const UNKNOWN_ADDRESS =
  "This link was made by another version of the explorer. The circuit is shown as it is, without what the link chose.";
export const UNKNOWN_ANALYSIS =
  "The image of this link is not there: it was deleted, or was looked at through another circuit. The circuit is shown without it.";
export const UNKNOWN_NOTE = "The note of this link is not there: it was deleted, or hangs on another circuit.";
export const LOST_NOTE =
  "The group of this link’s note is gone since the circuit was computed again. The note stands under “Without their group”, in the inspector of the class.";
export const UNLINKED =
  "The weights of single neurons were not kept for this circuit: edges end at the group. Compute it again to see them.";

const NAMED = 3;

/** What a link names and the circuit does not have. */
export function droppedText(dropped: readonly string[]): string {
  const more = dropped.length - NAMED;
  const named = dropped.slice(0, NAMED).join(", ");
  return `This link names ${named}${more > 0 ? ` and ${more} more` : ""}, which this circuit does not have. The rest is shown.`;
}

/** Layers in which no group was found; null where there is none. */
export function emptyLayersText({ layers, groups }: Overview): string | null {
  const full = new Set(groups.map((group) => group.layer));
  const empty = layers.filter((layer) => !full.has(layer.name)).map((layer) => layer.name);
  if (empty.length === 0) return null;
  const where = empty.length === 1 ? `Layer ${empty[0]}` : `Layers ${empty.join(", ")}`;
  return `${where} ${empty.length === 1 ? "holds" : "hold"} no group: nothing there leads to this class.`;
}
