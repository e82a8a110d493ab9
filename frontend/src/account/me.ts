/** The current user, requested once per page, and what their role allows. */

import { api, type Schemas } from "../api/client";

export type Me = Schemas["Me"];
export type Role = Schemas["Role"];

/** If the user cannot be read: everything is offered, as without accounts, and the server checks. */
export const UNKNOWN: Me = { id: null, name: "", role: "admin", auth: "none" };

const RANKS: Record<Role, number> = { viewer: 0, editor: 1, admin: 2 };

let asked: Promise<Me | null> | null = null;

/** The current user; null if no one is signed in. */
export function whoAmI(): Promise<Me | null> {
  asked ??= ask();
  return asked;
}

/** Requests the current user again. */
export function askWhoAmI(): Promise<Me | null> {
  asked = null;
  return whoAmI();
}

/** Whether users have accounts here. Without accounts there is one local user. */
export function hasAccounts(me: Me | null): boolean {
  return me === null || me.auth === "accounts" || me.auth === "oidc";
}

/** Whether someone's role is at least this. */
export function isAtLeast(me: { role: Role } | null, role: Role): boolean {
  return me !== null && RANKS[me.role] >= RANKS[role];
}

async function ask(): Promise<Me | null> {
  // Pages of share links say if no one is signed in; the request would only fail with 401.
  if (document.getElementById("main")?.dataset.known === "no") return null;
  try {
    const { data, response } = await api.GET("/api/v1/me");
    return data ?? (response.status === 401 ? null : UNKNOWN);
  } catch {
    return UNKNOWN;
  }
}

/** The owner, space and visibility of a circuit, network or data set, and whether the user can change it. */
export type Owned = Pick<Schemas["CircuitCard"], "owner" | "space" | "visibility" | "may_change">;

/** What the user can do with circuits, so that the pages offer only that. The server checks it anyway. */
export class Rights {
  /** Null if no one is signed in. */
  constructor(readonly me: Me | null = UNKNOWN) {}

  /** Whether other users have accounts here. */
  get shared(): boolean {
    return hasAccounts(this.me);
  }

  /** Whether the user can add networks and data sets, and compute circuits. */
  get mayMake(): boolean {
    return isAtLeast(this.me, "editor");
  }

  isMine({ owner }: Pick<Owned, "owner">): boolean {
    return owner !== null && owner.id === this.me?.id;
  }

  /** Whether the user can share the circuit with visitors who have no account. */
  mayShowAll(circuit: Owned): boolean {
    return this.mayMake && (circuit.visibility === "public" || circuit.may_change);
  }
}
