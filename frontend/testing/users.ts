/** People, spaces and tokens for the tests of accounts. */

import type { Me } from "../src/account/me";
import type { SpaceDetail } from "../src/account/spaces";
import type { User } from "../src/account/users";
import type { Schemas } from "../src/api/client";

export const HOSTILE = "<img src=x onerror=alert(1)>";

export function exampleMe(change: Partial<Me> = {}): Me {
  return { id: "anna-7k2m9", name: "Anna", role: "editor", auth: "accounts", ...change };
}

export function exampleUser(change: Partial<User> = {}): User {
  return {
    id: "bob-4tqw1",
    name: "Bob",
    login: "bob",
    email: null,
    role: "viewer",
    by_provider: false,
    disabled: false,
    created_at: "2026-01-01T12:00:00Z",
    last_seen_at: null,
    ...change,
  };
}

export function exampleSpace(change: Partial<SpaceDetail> = {}): SpaceDetail {
  return {
    id: "lab-7k2m9",
    name: "Lab",
    kind: "team",
    created_at: "2026-01-01T12:00:00Z",
    my_role: "admin",
    members: [
      { user: "anna-7k2m9", name: "Anna", role: "admin" },
      { user: "bob-4tqw1", name: "Bob", role: "viewer" },
    ],
    ...change,
  };
}

export function exampleToken(change: Partial<Schemas["TokenOut"]> = {}): Schemas["TokenOut"] {
  return {
    id: "7k2m9x4tqw",
    name: "Notebook",
    scope: "read",
    created_at: "2026-01-01T12:00:00Z",
    expires_at: null,
    last_used_at: null,
    ...change,
  };
}

export const all = (...items: unknown[]) => ({ items, next: null });
