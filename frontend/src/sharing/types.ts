/** Labels, notes and views as the API has them. */

import type { Schemas } from "../api/client";
import type { GroupId } from "../circuit/types";

export type Label = Schemas["LabelOut"];
export type LabelChange = Schemas["LabelChangeOut"];
export type Note = Schemas["NoteOut"];
export type Thread = Schemas["ThreadOut"];
export type View = Schemas["ViewOut"];
export type NewView = Schemas["ViewIn"];
export type Fork = Schemas["ViewFork"];
export type MadeLink = Schemas["LinkMade"];
export type Link = Omit<MadeLink, "token" | "address">;
export type CircuitLink = Schemas["CircuitLinkOut"];
export type NewLink = Schemas["LinkIn"];
export type Provenance = Schemas["ProvenanceOut"];
export type Shared = Schemas["SharedOut"];
export type Me = Schemas["Me"];

/** The data of an event of a circuit's stream. Only the fields of its kind are set. */
export type Change = Partial<Schemas["CircuitChangeOut"]>;

/** The subject of a note. */
export type Subject =
  { kind: "circuit" } | { kind: "group"; group: GroupId } | { kind: "edge"; source: GroupId; target: GroupId };

/** What the user or visitor can do with a circuit. */
export interface May {
  /** Write notes and replies. */
  comment: boolean;
  /** Label groups, resolve threads, change and delete their own notes. */
  change: boolean;
}

export const ALL: May = { comment: true, change: true };

/** A key for a subject. */
export function subjectKey(subject: Subject): string {
  if (subject.kind === "group") return `group ${subject.group}`;
  return subject.kind === "edge" ? `edge ${subject.source}>${subject.target}` : "circuit";
}

/** The subject of a note, or its former subject. */
export function subjectOf({ subject, group, source, target }: Note): Subject {
  if (subject === "group" && group !== null) return { kind: "group", group };
  if (subject === "edge" && source !== null && target !== null) return { kind: "edge", source, target };
  return { kind: "circuit" };
}
