/** Keeps the selections that a network and a data set have, and names the removed ones. */

import type { Schemas } from "../api/client";
import { classesWithImages, type SharedClasses } from "../circuit/shared_classes";
import type { Choices } from "./choices";

export interface FittingChoices {
  /** The choices that are kept. */
  classes: string[];
  layers: string[] | null;
  lostClasses: string[];
  lostLayers: string[];
}

/** Separates the choices that fit from the others. All fit while the network or the shared classes are unknown. */
export function fitChoices(
  choices: Pick<Choices, "classes" | "layers">,
  network: Schemas["NetworkOut"] | null,
  shared: SharedClasses | null,
): FittingChoices {
  const known = shared && classesWithImages(shared).map(({ name }) => name);
  const [classes, lostClasses] = parted(choices.classes, known);
  const [layers, lostLayers] = parted(choices.layers ?? [], network ? network.layers.map(({ name }) => name) : null);
  return { classes, layers: layers.length > 0 ? layers : null, lostClasses, lostLayers };
}

/** The known names and the unknown ones; all count as known if `known` is null. */
function parted(names: readonly string[], known: readonly string[] | null): [string[], string[]] {
  const is = known === null ? null : new Set(known);
  return [names.filter((name) => !is || is.has(name)), names.filter((name) => is && !is.has(name))];
}
