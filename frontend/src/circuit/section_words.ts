/** The sentences of the image lens: probabilities, knock-outs, rankings, wrong predictions, rejected images. */

import { Problem } from "../api/client";
import { count, percent, signed } from "../base/format";
import { capital, placeOf } from "./scene";
import type { GroupId, Measurement } from "./types";

/** `group 3 in layer4.1`, which is unique. */
export function groupName(id: GroupId): string {
  const { layer, number } = placeOf(id);
  return `group ${number} in ${layer}`;
}

/** A probability, with one more digit below 10 % and above 99 %. */
export function chance(probability: number): string {
  if (probability > 0 && probability < 0.001) return "<\u00a00.1\u00a0%";
  if (probability < 1 && probability > 0.9995) return ">\u00a099.9\u00a0%";
  const extreme = (probability > 0 && probability < 0.0995) || (probability > 0.99 && probability < 1);
  return percent(probability, extreme ? 1 : 0);
}

/** A number without a plus sign; a minus is as wide as a plus. */
export const plain = (value: number, digits = 2) => signed(value, digits).replace("+", "");

/** A change of a probability, in hundredths: `−51.0 points`. */
export const points = (change: number) => `${signed(100 * change, 1)} points`;

/** Mean and standard deviation over random neurons: `−0.20 ± 0.10`. */
export const spread = (mean: number, deviation: number, digits = 2) =>
  `${signed(mean, digits)} ± ${deviation.toFixed(digits)}`;

/** A percentile; a dash if there is none. */
export const rank = (percentile: number | null) => (percentile === null ? "–" : percentile.toFixed(0));

export const wrongSentence = (said: { name: string; probability: number }, real: string) =>
  `The network predicts “${said.name}” (${chance(said.probability)}); the true class is “${real}”.`;

/** A misclassified image, in sentences. */
export function firedSentence(name: string, groups: readonly { group: GroupId; disagreement: number }[]): string {
  const [first] = groups;
  if (!first) return `No group of the circuit of “${name}” fires.`;
  if (first.disagreement <= 0) return `No group that fires supports “${name}”.`;
  return `The strongest support for “${name}” came from ${groupName(first.group)}.`;
}

export function missedSentence(name: string, groups: readonly { group: GroupId; disagreement: number }[]): string {
  const [first] = groups;
  if (!first) return `Every group of the circuit of “${name}” fires.`;
  if (first.disagreement <= 0) return `No group that does not fire supports “${name}”.`;
  return `The strongest support that is missing for “${name}” is ${groupName(first.group)}.`;
}

interface Ranked {
  group: string;
  logit_drop: number;
  predicted_after: string;
}

/** `groups` are sorted by the drop of class `name`'s logit, largest first. */
export function rankingSentence(groups: readonly Ranked[], name: string, predicted: string): string {
  const [first] = groups;
  if (!first) return "The circuit has no group below the class.";
  const most =
    first.logit_drop > 0
      ? `${capital(groupName(first.group))} supports “${name}” most: without it, the logit falls by ${first.logit_drop.toFixed(2)}.`
      : `No group supports “${name}” here.`;
  const changing = groups.filter(({ predicted_after: after }) => after !== predicted).length;
  const changes =
    changing === 0
      ? ` No single group changes the prediction “${predicted}”.`
      : ` ${count(changing, "group")} ${changing === 1 ? "changes" : "change"} the prediction “${predicted}” when knocked out alone.`;
  const against = groups.filter(({ logit_drop: drop }) => drop < 0).length;
  return (
    most +
    changes +
    (against > 0 ? ` ${count(against, "group")} ${against === 1 ? "speaks" : "speak"} against “${name}”.` : "")
  );
}

type KnockOut = NonNullable<Measurement["knock_out"]>;
type HeldOut = NonNullable<Measurement["held_out"]>;
interface Factor {
  factor: number;
}

/** The effect of a knock-out on the image. */
export function knockOutSentence(groups: readonly Factor[], result: KnockOut): string {
  const { classes, predicted, predicted_after: after, random_sets: sets } = result;
  const cause = causeOf(groups, result.neurons);
  const first = classes.find(({ name }) => name === predicted) ?? classes[0];
  if (!first) return `${cause}, the network predicts “${after}”.`;
  const random = spread(100 * first.random_probability, 100 * first.random_probability_spread, 1);
  const before = chance(first.probability);
  const now = chance(first.probability_after);
  if (after !== predicted) {
    const beside = sets > 0 ? `; as many random neurons change it by ${random} points` : "";
    return (
      `${cause}, the network predicts “${after}” instead of “${predicted}”. ` +
      `The probability of “${predicted}” ${way(first.probability, first.probability_after)} from ${before} to ${now}${beside}.`
    );
  }
  const how = before === now ? `with an unchanged ${now}` : `with ${now} instead of ${before}`;
  const beside = sets > 0 ? ` As many random neurons change it by ${random} points.` : "";
  return `${cause}, the network still predicts “${predicted}”, ${how}.${beside}`;
}

/** The effect of a knock-out on the held-out images of a class. */
export function heldOutSentence(groups: readonly Factor[], result: HeldOut): string {
  const { class: name, images, accuracy, accuracy_after: after, random_sets: sets } = result;
  const on = `on ${count(images, "held-out image")} of “${name}”`;
  const change =
    chance(accuracy) === chance(after)
      ? `stays at ${chance(after)}`
      : `${way(accuracy, after)} from ${chance(accuracy)} to ${chance(after)}`;
  const random = `${spread(100 * result.random_accuracy, 100 * result.random_accuracy_spread, 1)} points`;
  const beside = sets > 0 ? `; as many random neurons change it by ${random}` : "";
  const logit = `The mean logit changes by ${signed(result.logit_after - result.logit)}`;
  const besideLogit =
    sets > 0 ? `, with random neurons by ${spread(result.random_logit, result.random_logit_spread)}` : "";
  return `${causeOf(groups, result.neurons)}, the accuracy ${on} ${change}${beside}. ${logit}${besideLogit}.`;
}

/** `Without these 3 groups (41 neurons)`. */
function causeOf(groups: readonly Factor[], neurons: number): string {
  const which = groups.length === 1 ? "this group" : `these ${groups.length} groups`;
  const all = groups.every(({ factor }) => factor === 0);
  const scaled = all ? "" : groups.length === 1 ? ` times ${groups[0]?.factor ?? 0}` : " scaled";
  return `${all ? "Without" : "With"} ${which}${scaled} (${count(neurons, "neuron")})`;
}

const way = (before: number, after: number) => (after < before ? "falls" : "rises");

/** Kinds of pictures that the server reads. */
const KINDS = "BMP, GIF, JPEG, PNG, PPM, TIFF, WebP or AVIF";

/** Why a file is rejected before the upload; null if it can be an image. */
export function unfit(file: File): string | null {
  if (file.size === 0) return `“${file.name}” is empty.`;
  if (file.type === "" || file.type.startsWith("image/")) return null;
  return `“${file.name}” is not an image. Choose a file of one of these types: ${KINDS}.`;
}

/** `“notes.png” was not taken. Wrong type: it is no image.` */
export function refusal(name: string, { title, detail }: Pick<Problem, "title" | "detail">): string {
  const why = detail && detail !== title ? `${title}: ${detail}` : title;
  return `“${name}” was rejected. ${why}${/[.!?]$/.test(why) ? "" : "."}`;
}
