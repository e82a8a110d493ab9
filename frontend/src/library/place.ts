/** Which page of the library an address is: a list of networks or data sets, or one of them. */

export type Kind = "networks" | "datasets";

export interface Place {
  kind: Kind;
  /** Of the one that is shown; null for the list. */
  id: string | null;
}

/** Reads the address's path. */
export function placeOf(path: string): Place {
  const [kind, id] = path.split("/").filter(Boolean);
  return { kind: kind === "datasets" ? "datasets" : "networks", id: id ? decodeURIComponent(id) : null };
}
