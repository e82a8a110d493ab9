/** The current user, requested once per page, and what their role allows. */

import { api, type Schemas } from "../api/client";

export type Me = Schemas["Me"];
export type Role = Schemas["Role"];

/** As where there are no accounts: all is offered, and the server refuses what may not be. */
export const UNKNOWN: Me = { id: null, name: "", role: "admin", auth: "none" };

const RANKS: Record<Role, number> = { viewer: 0, editor: 1, admin: 2 };

let asked: Promise<Me | null> | null = null;

/** The user; null where no one is signed in. */
export function whoAmI(): Promise<Me | null> {
  asked ??= ask();
  return asked;
}

/** The same, asked again. */
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
  // Pages of links say it where no one is signed in: asked of a stranger, the question would be refused.
  if (document.getElementById("main")?.dataset.known === "no") return null;
  try {
    const { data, response } = await api.GET("/api/v1/me");
    return data ?? (response.status === 401 ? null : UNKNOWN);
  } catch {
    return UNKNOWN;
  }
}

/** What a circuit, network or data set says of whose it is, who sees it, and whether the user may change it. */
export type Owned = Pick<Schemas["CircuitCard"], "owner" | "space" | "visibility" | "may_change">;

/** What the user may do with circuits, so that only that is offered; the server decides all the same. */
export class Rights {
  /** Null where no one is signed in. */
  constructor(readonly me: Me | null = UNKNOWN) {}

  /** Whether there are others who have accounts here. */
  get shared(): boolean {
    return hasAccounts(this.me);
  }

  /** Whether they may add and compute something. */
  get mayMake(): boolean {
    return isAtLeast(this.me, "editor");
  }

  isMine({ owner }: Pick<Owned, "owner">): boolean {
    return owner !== null && owner.id === this.me?.id;
  }

  /** Whether they may show it to people without an account. */
  mayShowAll(circuit: Owned): boolean {
    return this.mayMake && (circuit.visibility === "public" || circuit.may_change);
  }
}
