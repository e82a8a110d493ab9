/** Names and figures as all sections of the lens write them. */

import { percent, signed } from "../base/format";
import { placeOf } from "../explorer/inspector/scene";
import type { GroupId } from "../explorer/types";

/** `group 3 in layer4.1`: what tells it from every other. */
export function groupName(id: GroupId): string {
  const { layer, number } = placeOf(id);
  return `group ${number} in ${layer}`;
}

/** A probability: with a digit more where that tells something. */
export function chance(probability: number): string {
  if (probability > 0 && probability < 0.001) return "<\u00a00.1\u00a0%";
  if (probability < 1 && probability > 0.9995) return ">\u00a099.9\u00a0%";
  const extreme = (probability > 0 && probability < 0.0995) || (probability > 0.99 && probability < 1);
  return percent(probability, extreme ? 1 : 0);
}

/** A number with a minus as wide as a plus, and no sign else. */
export const plain = (value: number, digits = 2) => signed(value, digits).replace("+", "");

/** A change of a probability, in hundredths: `−51.0 points`. */
export const points = (change: number) => `${signed(100 * change, 1)} points`;

/** Mean and spread of what random neurons do: `−0.20 ± 0.10`. */
export const spread = (mean: number, deviation: number, digits = 2) =>
  `${signed(mean, digits)} ± ${deviation.toFixed(digits)}`;

/** A percentile, or a dash where there is none. */
export const rank = (percentile: number | null) => (percentile === null ? "–" : percentile.toFixed(0));
