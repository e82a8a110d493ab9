/**
 * The messages for a circuit without a result, after a failed computation, or that lacks something that a link
 * names.
 */

import { at } from "../api/address";
import { message, type Way } from "../base/message";
import type { Overview } from "../circuit/types";

/** Why the latest computation has no result, in a sentence; null if it has one, or still runs. */
export function whyNot(overview: Overview): string | null {
  if (overview.state === "cancelled") return "The job was cancelled.";
  if (overview.state !== "failed") return null;
  const { problem } = overview.job;
  return problem ? `${problem.title}: ${problem.detail}` : "The job failed; the server did not report a reason.";
}

/** Shown in place of a circuit without groups. */
export function endedMessage(overview: Overview, again: () => void): HTMLElement {
  const ways: Way[] = [
    { label: "Recompute", to: again },
    { label: "All circuits", to: at("/") },
  ];
  if (overview.state === "cancelled") {
    return message("Cancelled", "The job was cancelled before the circuit was computed.", ways);
  }
  const { problem } = overview.job;
  return message(
    problem?.title ?? "Job failed",
    problem?.detail || "The server did not report a reason.",
    ways,
    "alert",
  );
}

export function emptyMessage(again: () => void): HTMLElement {
  const text =
    "No layer has a group. The network may not predict this class for any image of the data set. Try other images or " +
    "other layers.";
  return message("This circuit is empty", text, [
    { label: "Recompute", to: again },
    { label: "New circuit", to: at("/circuits/new") },
  ]);
}

export function waitingMessage(): HTMLElement {
  const text = "Layers appear here as they are finished, from the class down.";
  return message("Computing this circuit", text);
}

export function filteredMessage(reset: () => void): HTMLElement {
  return message("Nothing to show", "The filters hide the whole circuit.", [{ label: "Show all", to: reset }]);
}

export const UNKNOWN_ADDRESS =
  "This link was created by another version of the explorer. The circuit is shown without the link’s selection and filters.";
export const UNKNOWN_ANALYSIS =
  "The image of this link was deleted or belongs to another circuit. The circuit is shown without it.";
export const UNKNOWN_NOTE = "The note of this link was deleted or belongs to another circuit.";
export const LOST_NOTE =
  "The group of this link’s note no longer exists since the circuit was recomputed. Find the note under “Without a group” in the inspector of the class.";
export const UNLINKED =
  "This circuit has no weights of single neurons, so edges end at the group. Recompute the circuit to see them.";

const NAMED = 3;

/** What a link names but the circuit does not have. */
export function droppedText(dropped: readonly string[]): string {
  const more = dropped.length - NAMED;
  const named = dropped.slice(0, NAMED).join(", ");
  return `This link refers to ${named}${more > 0 ? ` and ${more} more` : ""}, which this circuit does not have. The rest is shown.`;
}

/** A sentence about layers without groups; null if there are none. */
export function emptyLayersText({ layers, groups }: Overview): string | null {
  const full = new Set(groups.map((group) => group.layer));
  const empty = layers.filter((layer) => !full.has(layer.name)).map((layer) => layer.name);
  if (empty.length === 0) return null;
  const where = empty.length === 1 ? `Layer ${empty[0]}` : `Layers ${empty.join(", ")}`;
  return `${where} ${empty.length === 1 ? "has" : "have"} no groups.`;
}
