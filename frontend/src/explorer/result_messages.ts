/**
 * What is said of a circuit that has no result, whose last computation came to nothing, or that lacks what a link
 * names.
 */

import { message, type Way } from "../base/message";
import type { Overview } from "../circuit/types";

/** Why the latest computation brought no result, in a sentence; null where it did, or still runs. */
export function whyNot(overview: Overview): string | null {
  if (overview.state === "cancelled") return "The computation was cancelled.";
  if (overview.state !== "failed") return null;
  const { problem } = overview.job;
  return problem ? `${problem.title}: ${problem.detail}` : "The computation failed; the server gave no reason.";
}

/** In place of a circuit of which there is nothing to show. */
export function endedMessage(overview: Overview, again: () => void): HTMLElement {
  const ways: Way[] = [
    { label: "Compute again", to: again },
    { label: "All circuits", to: "/" },
  ];
  if (overview.state === "cancelled") {
    return message("Cancelled", "This circuit was cancelled before it was computed.", ways);
  }
  const { problem } = overview.job;
  return message(
    problem?.title ?? "It could not be computed",
    problem?.detail || "The server gave no reason.",
    ways,
    "alert",
  );
}

export function emptyMessage(again: () => void): HTMLElement {
  const text =
    "No layer of it holds a group: the network may not predict this class for any image of the data set. Other images, " +
    "or other layers, may show more.";
  return message("This circuit is empty", text, [
    { label: "Compute again", to: again },
    { label: "New circuit", to: "/circuits/new" },
  ]);
}

export function waitingMessage(): HTMLElement {
  const text = "The class comes first, then layer after layer below it. Each appears here as soon as it is done.";
  return message("This circuit is being computed", text);
}

export function filteredMessage(reset: () => void): HTMLElement {
  return message("Nothing left to see", "The filters leave out all of the circuit.", [
    { label: "Show all", to: reset },
  ]);
}

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
