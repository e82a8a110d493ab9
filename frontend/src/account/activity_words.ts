/** The actions of the activity log in words, and the pages of their subjects. */

import type { Schemas } from "../api/client";

export type Entry = Schemas["ActivityOut"];

const WORDS: Record<string, string> = {
  login: "signed in",
  "login.failed": "failed to sign in",
  logout: "signed out",
  "circuit.create": "requested a circuit",
  "circuit.batch": "requested several circuits",
  "circuit.change": "changed a circuit",
  "circuit.share": "changed who can see a circuit",
  "circuit.delete": "deleted a circuit",
  "circuit.recompute": "recomputed a circuit",
  "circuit.import": "imported a circuit",
  "network.create": "added a network",
  "network.upload": "uploaded a network",
  "network.change": "changed a network",
  "network.share": "changed who can see a network",
  "network.delete": "deleted a network",
  "network.inspect": "inspected a network again",
  "dataset.create": "added a data set",
  "dataset.upload": "uploaded a data set",
  "dataset.change": "changed a data set",
  "dataset.share": "changed who can see a data set",
  "dataset.delete": "deleted a data set",
  "dataset.inspect": "inspected a data set again",
  "evaluation.create": "evaluated a network",
  "analysis.upload": "uploaded an image",
  "analysis.create": "inspected an image",
  "analysis.change": "renamed an analysis",
  "analysis.delete": "deleted an analysis",
  "analysis.repeat": "re-ran an analysis",
  "measurement.create": "measured a circuit’s groups",
  "job.cancel": "cancelled a computation",
  "user.create": "added a user",
  "user.role": "changed a user’s role",
  "user.disable": "disabled a user",
  "user.enable": "enabled a user",
  "user.reset": "reset a user’s password",
  "user.password": "changed their password",
  "token.create": "created an API token",
  "token.revoke": "revoked an API token",
  "space.create": "created a space",
  "space.member": "changed the members of a space",
  "view.create": "saved a view",
  "view.change": "changed a view",
  "view.delete": "deleted a view",
  "view.fork": "copied a view",
  "view.share": "created a link to a view",
  "view.unshare": "revoked a link to a view",
  "circuit.unshare": "revoked a link to a circuit",
  "circuit.label": "named a group",
  "circuit.note": "wrote a note",
  "circuit.note_delete": "deleted a note",
};

const PLACES: Record<string, string> = { circuit: "/circuits/", network: "/networks/", dataset: "/datasets/" };

/** An action in words; the server's name if it is unknown here. */
export function doneWords(action: string): string {
  return Object.hasOwn(WORDS, action) ? (WORDS[action] as string) : action;
}

/** The address of the subject's page; null if it has none or was deleted. */
export function placeOf({ action, subject_kind, subject_id }: Entry): string | null {
  if (subject_kind === null || subject_id === null || action.endsWith(".delete")) return null;
  return Object.hasOwn(PLACES, subject_kind) ? `${PLACES[subject_kind]}${encodeURIComponent(subject_id)}` : null;
}

/** The details of an entry, such as `role: editor`. */
export function detailWords(detail: Entry["detail"]): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
