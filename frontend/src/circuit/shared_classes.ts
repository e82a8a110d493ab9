/** The classes to request circuits of: those that both the data set and the network have. */

import type { Schemas } from "../api/client";

export interface ClassChoice {
  /** As requests name it: the network's own name, or `#12` where several outputs have that name. */
  name: string;
  /** As users see it. */
  shown: string;
  /** The data set's own name of it; null where it has no such class, or no classes at all. */
  label: string | null;
  /** Images in the data set; null where that is not known. */
  images: number | null;
}

export interface SharedClasses {
  classes: ClassChoice[];
  /** How many of the network's classes the data set has no images of. */
  missing: number;
  /** False where no name fits, and so all of the network's are offered. */
  matched: boolean;
}

/**
 * The classes that both have, in the order of the network's outputs.
 *
 * Names are compared as written, then without regard to case, `_`, `-` and space, then by the first of several
 * synonyms, as the server does. Where none fits, the worker may still know better (WordNet ids): all are offered.
 */
export function sharedClasses(network: readonly string[], dataset: readonly Schemas["DatasetClass"][]): SharedClasses {
  const tables = [(name: string) => name, normal, (name: string) => normal(name.split(",", 1)[0] ?? "")].map((form) =>
    table(network, form),
  );
  const [exact, plain, first] = tables;
  const found = new Map<number, Schemas["DatasetClass"]>();
  for (const entry of dataset) {
    if (!entry.name) continue;
    const key = normal(entry.name);
    const hits = exact?.get(entry.name) ?? plain?.get(key) ?? first?.get(key) ?? [];
    const [only] = hits;
    if (hits.length === 1 && only !== undefined && !found.has(only)) found.set(only, entry);
  }
  const repeated = (name: string) => (exact?.get(name)?.length ?? 0) > 1;
  const choice = (index: number, entry?: Schemas["DatasetClass"]): ClassChoice => {
    const name = network[index] ?? "";
    return {
      name: repeated(name) ? `#${index}` : name,
      shown: repeated(name) ? `${name} (#${index})` : name,
      label: entry?.name ?? null,
      images: entry?.images ?? null,
    };
  };
  if (found.size === 0) {
    return { classes: network.map((_, index) => choice(index)), missing: 0, matched: false };
  }
  const indexes = [...found.keys()].sort((a, b) => a - b);
  const classes = indexes.map((index) => choice(index, found.get(index)));
  return { classes, missing: network.length - classes.length, matched: true };
}

function table(names: readonly string[], form: (name: string) => string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  names.forEach((name, index) => {
    const key = form(name);
    places.set(key, [...(places.get(key) ?? []), index]);
  });
  return places;
}

function normal(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_-]+/g, " ")
    .trim();
}
