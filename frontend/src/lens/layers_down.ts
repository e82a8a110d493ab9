/** The layers of an image's groups, from the class down. */

import type { LensContext } from "./lens_context";

/** Those that the circuit no longer has come last: it may have been computed again since. */
export function layersDown({ overview, analysis }: LensContext): string[] {
  const present = overview.layers.map(({ name }) => name).toReversed();
  const read = analysis.reading.groups.map(({ layer }) => layer).toReversed();
  return [...new Set([...present, ...read])];
}

/** Pictures of the groups, by their ids; none where the circuit is another one by now. */
export function groupPictures({ overview, analysis }: LensContext): ReadonlyMap<string, string | null> {
  return new Map(analysis.current ? overview.groups.map(({ id, picture }) => [id, picture]) : []);
}
