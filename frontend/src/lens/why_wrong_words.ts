/** A misclassified image, in sentences. */

import { chance, groupName } from "./section_words";
import type { GroupId } from "../explorer/types";

export const wrongSentence = (said: { name: string; probability: number }, real: string) =>
  `The network says “${said.name}” (${chance(said.probability)}), but it is “${real}”.`;

export function firedSentence(name: string, groups: readonly { group: GroupId; disagreement: number }[]): string {
  const [first] = groups;
  if (!first) return `No group of the circuit of “${name}” fires.`;
  if (first.disagreement <= 0) return `What fires speaks against “${name}”, or says nothing.`;
  return `Most of all ${groupName(first.group)} spoke for “${name}”.`;
}

export function missedSentence(name: string, groups: readonly { group: GroupId; disagreement: number }[]): string {
  const [first] = groups;
  if (!first) return `Every group of the circuit of “${name}” fires.`;
  if (first.disagreement <= 0) return `What is silent says nothing for “${name}”.`;
  return `Most of all “${name}” lacks ${groupName(first.group)}.`;
}
