/** Networks and data sets as the API has them, and their addresses. */

import { widerWords } from "../account/narrower";
import type { Sharing } from "../account/visibility_dialog";
import { api, data, type Schemas } from "../api/client";

export type Network = Schemas["NetworkOut"];
export type Dataset = Schemas["DatasetOut"];
export type Entry = Schemas["NetworkCard"] | Schemas["DatasetCard"];

/** Whether it is more than what a list says of it. */
export function isWhole(entry: Entry): entry is Network | Dataset {
  return "wider_circuits" in entry;
}

export interface EntryPage {
  items: Entry[];
  next: string | null;
}

export interface Registry {
  /** `network`, `data set`. */
  one: string;
  many: string;
  /** The kind of the job that inspects one. */
  job: "inspect_network" | "inspect_dataset";
  list(q: string, cursor: string | null, signal?: AbortSignal): Promise<EntryPage>;
  rename(id: string, name: string): Promise<Entry>;
  inspect(id: string): Promise<Entry>;
  remove(id: string): Promise<unknown>;
  sharing: Sharing<Network | Dataset>;
}

const path = (id: string) => ({ params: { path: { id } } });

function asked(q: string, cursor: string | null, signal?: AbortSignal) {
  const query = { limit: 50, ...(q && { q }), ...(cursor !== null && { cursor }) };
  return { params: { query }, ...(signal && { signal }) };
}

/** What a new visibility means for the circuits that are there. */
const LATER: Omit<Sharing<Network | Dataset>, "save"> = {
  before: () => Promise.resolve("Its circuits keep their own visibility."),
  after: ({ wider_circuits }) => widerWords(wider_circuits),
};

export const REGISTRIES: Record<Kind, Registry> = {
  networks: {
    one: "network",
    many: "Networks",
    job: "inspect_network",
    list: (q, cursor, signal) => data(api.GET("/api/v1/networks", asked(q, cursor, signal))),
    rename: (id, name) => data(api.PATCH("/api/v1/networks/{id}", { ...path(id), body: { name } })),
    inspect: (id) => data(api.POST("/api/v1/networks/{id}/inspect", path(id))),
    remove: (id) => data(api.DELETE("/api/v1/networks/{id}", path(id))),
    sharing: {
      save: (id, body) => data(api.PATCH("/api/v1/networks/{id}", { ...path(id), body })),
      ...LATER,
    },
  },
  datasets: {
    one: "data set",
    many: "Data sets",
    job: "inspect_dataset",
    list: (q, cursor, signal) => data(api.GET("/api/v1/datasets", asked(q, cursor, signal))),
    rename: (id, name) => data(api.PATCH("/api/v1/datasets/{id}", { ...path(id), body: { name } })),
    inspect: (id) => data(api.POST("/api/v1/datasets/{id}/inspect", path(id))),
    remove: (id) => data(api.DELETE("/api/v1/datasets/{id}", path(id))),
    sharing: {
      save: (id, body) => data(api.PATCH("/api/v1/datasets/{id}", { ...path(id), body })),
      ...LATER,
    },
  },
};

/** The beginning of `sha256:ef1a02…`, enough to compare. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}

/** The size in a few words; empty while it is unknown. */
export function sizeWords(entry: Entry): string {
  const number = (value: number) => value.toLocaleString("en");
  if ("image_count" in entry) return entry.image_count === null ? "" : `${number(entry.image_count)} images`;
  if (entry.parameter_count === null) return "";
  const side = entry.input_size === null ? "" : `, input ${entry.input_size} × ${entry.input_size}`;
  return `${millions(entry.parameter_count)} parameters${side}`;
}

function millions(count: number): string {
  if (count < 1e4) return count.toLocaleString("en");
  return count < 1e6 ? `${Math.round(count / 1e3)} thousand` : `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} million`;
}

export type Kind = "networks" | "datasets";

export interface Place {
  kind: Kind;
  /** The id of the entry; null for the list. */
  id: string | null;
}

/** Reads the address's path. */
export function placeOf(path: string): Place {
  const [kind, id] = path.split("/").filter(Boolean);
  return { kind: kind === "datasets" ? "datasets" : "networks", id: id ? decodeURIComponent(id) : null };
}
