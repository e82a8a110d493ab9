/** What is said of a circuit that has no result, or whose last computation came to nothing. */

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
