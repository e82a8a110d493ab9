/** Reads and changes the users of the installation, for administrators. */

import { api, data, type Schemas } from "../api/client";

export type User = Schemas["UserOut"];

const PAGE = 200;
/** A limit: for more users, the page would need a search. */
const MOST_PAGES = 10;

/** Everyone, by name. */
export async function listUsers(): Promise<User[]> {
  const users: User[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor !== null && { cursor }) };
    const found: Schemas["Page_UserOut_"] = await data(api.GET("/api/v1/users", { params: { query } }));
    users.push(...found.items);
    cursor = found.next;
    if (cursor === null) break;
  }
  return users.sort((one, other) => one.name.localeCompare(other.name));
}

export function changeUser(id: string, body: Schemas["UserChange"]): Promise<User> {
  return data(api.PATCH("/api/v1/users/{id}", { params: { path: { id } }, body }));
}

export function resetUser(id: string): Promise<Schemas["UserPassword"]> {
  return data(api.POST("/api/v1/users/{id}/reset", { params: { path: { id } } }));
}
