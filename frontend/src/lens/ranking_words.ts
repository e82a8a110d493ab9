/** The list of groups by their knock-out, in a sentence. */

import { count } from "../base/format";
import { capital } from "../explorer/inspector/scene";
import { groupName } from "./section_words";

interface Ranked {
  group: string;
  logit_drop: number;
  predicted_after: string;
}

/** `groups` by falling drop of the logit of class `name`. */
export function rankingSentence(groups: readonly Ranked[], name: string, predicted: string): string {
  const [first] = groups;
  if (!first) return "The circuit has no group below the class.";
  const most =
    first.logit_drop > 0
      ? `${capital(groupName(first.group))} speaks most for “${name}”: without it alone the logit falls by ${first.logit_drop.toFixed(2)}.`
      : `No group speaks for “${name}” here.`;
  const changing = groups.filter(({ predicted_after: after }) => after !== predicted).length;
  const changes =
    changing === 0
      ? ` Without any one group it is still called “${predicted}”.`
      : ` ${count(changing, "group")} would change the answer “${predicted}” alone.`;
  const against = groups.filter(({ logit_drop: drop }) => drop < 0).length;
  return (
    most +
    changes +
    (against > 0 ? ` ${count(against, "group")} ${against === 1 ? "speaks" : "speak"} against it.` : "")
  );
}
