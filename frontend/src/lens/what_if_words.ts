/** What a knock-out does, in sentences. */

import { count, signed } from "../base/format";
import { chance, spread } from "./section_words";
import type { Measurement } from "./types";

type KnockOut = NonNullable<Measurement["knock_out"]>;
type HeldOut = NonNullable<Measurement["held_out"]>;
interface Factor {
  factor: number;
}

/** What happens to one image. */
export function knockOutSentence(groups: readonly Factor[], result: KnockOut): string {
  const { classes, predicted, predicted_after: after, random_sets: sets } = result;
  const cause = causeOf(groups, result.neurons);
  const first = classes.find(({ name }) => name === predicted) ?? classes[0];
  if (!first) return `${cause} the network would say “${after}”.`;
  const random = spread(100 * first.random_probability, 100 * first.random_probability_spread, 1);
  const before = chance(first.probability);
  const now = chance(first.probability_after);
  if (after !== predicted) {
    const beside = sets > 0 ? `; random neurons of that number change it by ${random} points` : "";
    return (
      `${cause} the network would say “${after}” instead of “${predicted}”. ` +
      `The probability of “${predicted}” ${way(first.probability, first.probability_after)} from ${before} to ${now}${beside}.`
    );
  }
  const how = before === now ? `with ${now} as before` : `with ${now} instead of ${before}`;
  const beside = sets > 0 ? ` Random neurons of that number change it by ${random} points.` : "";
  return `${cause} the network would still say “${predicted}”, ${how}.${beside}`;
}

/** What happens to a class over its held-out images. */
export function heldOutSentence(groups: readonly Factor[], result: HeldOut): string {
  const { class: name, images, accuracy, accuracy_after: after, random_sets: sets } = result;
  const on = `over ${count(images, "held-out image")} of “${name}”`;
  const change =
    chance(accuracy) === chance(after)
      ? `stays at ${chance(after)}`
      : `${way(accuracy, after)} from ${chance(accuracy)} to ${chance(after)}`;
  const random = `${spread(100 * result.random_accuracy, 100 * result.random_accuracy_spread, 1)} points`;
  const beside = sets > 0 ? `; random neurons of that number change it by ${random}` : "";
  const logit = `The mean logit changes by ${signed(result.logit_after - result.logit)}`;
  const besideLogit =
    sets > 0 ? `, with random neurons by ${spread(result.random_logit, result.random_logit_spread)}` : "";
  return `${causeOf(groups, result.neurons)} the accuracy ${on} ${change}${beside}. ${logit}${besideLogit}.`;
}

/** `Without these 3 groups (41 neurons)`. */
function causeOf(groups: readonly Factor[], neurons: number): string {
  const which = groups.length === 1 ? "this group" : `these ${groups.length} groups`;
  const all = groups.every(({ factor }) => factor === 0);
  const scaled = all ? "" : groups.length === 1 ? ` times ${groups[0]?.factor ?? 0}` : " scaled so";
  return `${all ? "Without" : "With"} ${which}${scaled} (${count(neurons, "neuron")})`;
}

const way = (before: number, after: number) => (after < before ? "falls" : "rises");
