/** What people did, in words, and where it is found. */

import type { Schemas } from "../api/client";

export type Entry = Schemas["ActivityOut"];

const WORDS: Record<string, string> = {
  login: "logged in",
  "login.failed": "failed to log in",
  logout: "logged out",
  "circuit.create": "asked for a circuit",
  "circuit.batch": "asked for several circuits",
  "circuit.change": "changed a circuit",
  "circuit.share": "changed who sees a circuit",
  "circuit.delete": "deleted a circuit",
  "circuit.recompute": "had a circuit computed again",
  "circuit.import": "imported a circuit",
  "network.create": "added a network",
  "network.upload": "uploaded a network",
  "network.change": "renamed a network",
  "network.delete": "deleted a network",
  "network.inspect": "had a network looked at again",
  "dataset.create": "added a data set",
  "dataset.upload": "uploaded a data set",
  "dataset.change": "renamed a data set",
  "dataset.delete": "deleted a data set",
  "dataset.inspect": "had a data set looked at again",
  "evaluation.create": "had a network evaluated",
  "analysis.upload": "uploaded an image",
  "analysis.create": "looked at an image through a circuit",
  "analysis.change": "renamed an analysis",
  "analysis.delete": "deleted an analysis",
  "analysis.repeat": "repeated an analysis",
  "measurement.create": "measured a circuit",
  "job.cancel": "cancelled a computation",
  "user.create": "added a person",
  "user.role": "changed somebody's role",
  "user.disable": "disabled an account",
  "user.enable": "let somebody in again",
  "user.reset": "made a new password for somebody",
  "user.password": "changed their password",
  "token.create": "made an API token",
  "token.revoke": "revoked an API token",
  "space.create": "made a space",
  "space.member": "changed the members of a space",
  "view.create": "saved a view",
  "view.change": "changed a view",
  "view.delete": "deleted a view",
  "view.fork": "made a view of their own from another",
  "view.share": "made a link to a view",
  "view.unshare": "revoked a link to a view",
  "circuit.label": "named a group",
  "circuit.note": "wrote a note",
  "circuit.note_delete": "deleted a note",
};

const PLACES: Record<string, string> = { circuit: "/circuits/", network: "/networks/", dataset: "/datasets/" };

/** What was done; one that is not known here as the server calls it. */
export function doneWords(action: string): string {
  return Object.hasOwn(WORDS, action) ? (WORDS[action] as string) : action;
}

/** The page of what it was done to; null where it has none, or is gone. */
export function placeOf({ action, subject_kind, subject_id }: Entry): string | null {
  if (subject_kind === null || subject_id === null || action.endsWith(".delete")) return null;
  return Object.hasOwn(PLACES, subject_kind) ? `${PLACES[subject_kind]}${encodeURIComponent(subject_id)}` : null;
}

/** What else the log tells, such as `role: editor`. */
export function detailWords(detail: Entry["detail"]): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
