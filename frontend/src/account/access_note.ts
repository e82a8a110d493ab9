/** Who sees a circuit and whose it is, in a few words. */

import { h } from "../base/dom";
import { changedBy, seenBy } from "./audience";
import type { Owned, Rights } from "./rights";
import "./access_note.css";

/** `private`, `team Lab`, `public`, each with what it means, and whose it is. */
export function accessNote(circuit: Owned, rights: Rights): HTMLElement {
  const { visibility, owner } = circuit;
  const space = circuit.space?.name ?? null;
  const means = `Seen by: ${seenBy(visibility, space)} ${changedBy(visibility, space)}`;
  const word = h("span", { class: `access-word ${visibility}`, title: means }, visibility);
  const within = space && h("span", { title: `It is in the space ${space}.` }, space);
  const whose = rights.isMine(circuit) ? "yours" : owner && `of ${owner.name}`;
  return h("span", { class: "access-note" }, word, within, whose && h("span", { title: "Its owner" }, whose));
}
