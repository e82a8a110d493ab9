/** The spaces of the user, and which of them they can edit. */

import { api, data, type Schemas } from "../api/client";
import type { Me } from "./me";

export type Space = Schemas["SpaceOut"];
export type SpaceDetail = Schemas["SpaceDetail"];

const PAGE = 200;
/** A limit: no user is in more spaces. */
const MOST_PAGES = 5;

/** All spaces of the user, by name; for administrators, all spaces. */
export async function listSpaces(): Promise<Space[]> {
  const spaces: Space[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor !== null && { cursor }) };
    const found: Schemas["Page_SpaceOut_"] = await data(api.GET("/api/v1/spaces", { params: { query } }));
    spaces.push(...found.items);
    cursor = found.next;
    if (cursor === null) break;
  }
  return spaces.sort((one, other) => one.name.localeCompare(other.name));
}

export function readSpace(id: string): Promise<SpaceDetail> {
  return data(api.GET("/api/v1/spaces/{id}", { params: { path: { id } } }));
}

/** The spaces that the user can put circuits into. */
export async function editableSpaces(me: Me): Promise<Space[]> {
  const spaces = await listSpaces();
  if (me.role === "admin") return spaces;
  return spaces.filter(({ my_role }) => my_role === "editor" || my_role === "admin");
}
