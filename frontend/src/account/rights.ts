/** What a person may do with circuits, so that only that is offered; the server decides all the same. */

import type { Schemas } from "../api/client";
import { hasAccounts, isAtLeast, type Me, UNKNOWN } from "./me";

/** What a circuit says of whose it is, who sees it, and whether the person may change it. */
export type Owned = Pick<Schemas["CircuitCard"], "owner" | "space" | "visibility" | "may_change">;

export class Rights {
  /** Of a person; of nobody for null. */
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
