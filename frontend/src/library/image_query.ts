/** The query of the image browser, and its form in the page's address. */

export const SPLITS = ["train", "test"] as const;
export const OUTCOMES = ["right", "wrong"] as const;

export interface ImageQuery {
  /** The true class; empty for all. */
  class: string;
  split: (typeof SPLITS)[number] | "";
  /** The network whose predictions are shown; empty for that of the newest evaluation. */
  network: string;
  outcome: (typeof OUTCOMES)[number] | "";
}

const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const LONGEST = 300;
const LONGEST_ID = 64;

/** Reads the query of an address. Invalid values are ignored. */
export function readImageQuery(search: string): ImageQuery {
  const given = new URLSearchParams(search);
  const name = (given.get("class") ?? "").slice(0, LONGEST).replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, "");
  const network = given.get("network") ?? "";
  return {
    class: name,
    split: SPLITS.find((split) => split === given.get("split")) ?? "",
    network: network.length <= LONGEST_ID && ID.test(network) ? network : "",
    outcome: OUTCOMES.find((outcome) => outcome === given.get("outcome")) ?? "",
  };
}

/** The query of an address, with its question mark; empty without filters. */
export function writeImageQuery(query: ImageQuery): string {
  const written = new URLSearchParams();
  for (const name of ["class", "split", "network", "outcome"] as const) if (query[name]) written.set(name, query[name]);
  const text = written.toString();
  return text && `?${text}`;
}

/** The query as parameters of the API. The outcome needs a network. */
export function askedImages(query: ImageQuery) {
  return {
    ...(query.class && { class: [query.class] }),
    ...(query.split && { split: query.split }),
    ...(query.network && { network: query.network }),
    ...(query.network && query.outcome && { outcome: query.outcome }),
  };
}
