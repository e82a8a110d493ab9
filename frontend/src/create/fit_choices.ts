/** Keeps the selections that a network and a data set have, and names the removed ones. */

import type { Schemas } from "../api/client";
import { type SharedClasses, sharedClasses } from "../circuit/shared_classes";
import type { Choices } from "./choices";

export interface FittingChoices {
  shared: SharedClasses;
  /** The choices that are kept. */
  classes: string[];
  layers: string[] | null;
  lostClasses: string[];
  lostLayers: string[];
}

/** The choices as they fit; while a network or a data set lacks, what depends on it stays as it is. */
export function fitChoices(
  choices: Pick<Choices, "classes" | "layers">,
  network: Schemas["NetworkOut"] | null,
  dataset: Schemas["DatasetOut"] | null,
): FittingChoices {
  const both = network && dataset;
  const shared = both ? sharedClasses(network.classes, dataset.classes) : { classes: [], missing: 0, matched: true };
  const [classes, lostClasses] = parted(choices.classes, both ? shared.classes.map(({ name }) => name) : null);
  const [layers, lostLayers] = parted(choices.layers ?? [], network ? network.layers.map(({ name }) => name) : null);
  return { shared, classes, layers: layers.length > 0 ? layers : null, lostClasses, lostLayers };
}

/** Those that are known and those that are not; all where nothing is known yet. */
function parted(names: readonly string[], known: readonly string[] | null): [string[], string[]] {
  const is = known === null ? null : new Set(known);
  return [names.filter((name) => !is || is.has(name)), names.filter((name) => is && !is.has(name))];
}
