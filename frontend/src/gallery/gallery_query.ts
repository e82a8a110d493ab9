/** The gallery's query, and its form in the page's address. */

import type { Schemas } from "../api/client";

type JobState = Schemas["JobState"];

/** The choices of the state filter, with their states in the API. */
export const STATES = {
  ready: ["succeeded"],
  open: ["queued", "running"],
  failed: ["failed"],
  cancelled: ["cancelled"],
} as const satisfies Record<string, readonly JobState[]>;

export type StateChoice = keyof typeof STATES;

export const SORTS = ["newest", "oldest", "name", "name-desc", "class", "class-desc"] as const;

export type Sort = (typeof SORTS)[number];

export interface GalleryQuery {
  q: string;
  network: string;
  dataset: string;
  class: string;
  /** The id of the owner. */
  owner: string;
  /** The id of the space. */
  space: string;
  state: StateChoice | "";
  sort: Sort;
}

const TEXTS = ["q", "network", "dataset", "class", "owner", "space"] as const;
const LONGEST = { q: 200, network: 64, dataset: 64, class: 300, owner: 64, space: 64 };

export const EVERYTHING: GalleryQuery = {
  q: "",
  network: "",
  dataset: "",
  class: "",
  owner: "",
  space: "",
  state: "",
  sort: "newest",
};

const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Reads the query of an address. Invalid values are ignored. */
export function readQuery(search: string): GalleryQuery {
  const given = new URLSearchParams(search);
  const query = { ...EVERYTHING };
  for (const name of TEXTS) query[name] = clean(name, given.get(name) ?? "");
  const state = given.get("state") ?? "";
  if (Object.hasOwn(STATES, state)) query.state = state as StateChoice;
  query.sort = SORTS.find((sort) => sort === given.get("sort")) ?? "newest";
  return query;
}

/** The query of an address, with its question mark; empty without filters. */
export function writeQuery(query: GalleryQuery): string {
  const written = new URLSearchParams();
  for (const name of [...TEXTS, "state"] as const) if (query[name]) written.set(name, query[name]);
  if (query.sort !== "newest") written.set("sort", query.sort);
  const text = written.toString();
  return text && `?${text}`;
}

/** Whether there is a filter. */
export function isFiltered(query: GalleryQuery): boolean {
  return [...TEXTS, "state" as const].some((name) => query[name] !== "");
}

/** The query as parameters of the API. */
export function asked(query: GalleryQuery) {
  const [sort, order] = {
    newest: ["created_at", "desc"],
    oldest: ["created_at", "asc"],
    name: ["name", "asc"],
    "name-desc": ["name", "desc"],
    class: ["class", "asc"],
    "class-desc": ["class", "desc"],
  }[query.sort] as ["created_at" | "name" | "class", "asc" | "desc"];
  return {
    ...(query.q && { q: query.q }),
    ...(query.network && { network: query.network }),
    ...(query.dataset && { dataset: query.dataset }),
    ...(query.class && { class: query.class }),
    ...(query.owner && { owner: query.owner }),
    ...(query.space && { space: query.space }),
    ...(query.state && { state: [...STATES[query.state]] }),
    sort,
    order,
  };
}

function clean(name: (typeof TEXTS)[number], text: string): string {
  const line = text.slice(0, LONGEST[name]).replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, "");
  if (name === "q" || name === "class") return line;
  return ID.test(line) ? line : "";
}
