/** What a person may do with circuits, so that only that is offered; the server decides all the same. */

import type { Schemas } from "../api/client";
import { hasAccounts, isAtLeast, type Me, type Role, UNKNOWN } from "./me";
import { missing, readSpace, roleIn } from "./spaces";

/** What a circuit says of whose it is and who sees it. */
export type Owned = Pick<Schemas["CircuitCard"], "owner" | "space" | "visibility">;

export class Rights {
  private readonly roles = new Map<string, Role | null>();

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

  /** Whether they may change and delete it. */
  mayChange(circuit: Owned): boolean {
    if (!this.mayMake) return false;
    if (this.me?.role === "admin" || this.isMine(circuit)) return true;
    const role = circuit.visibility === "private" ? null : circuit.space && this.roles.get(circuit.space.id);
    return role === "editor" || role === "admin";
  }

  /** Learns what they may do in the spaces of these circuits. */
  async know(circuits: readonly Owned[]): Promise<void> {
    if (!this.mayMake || this.me?.role === "admin") return;
    const spaces = new Set<string>();
    for (const circuit of circuits) {
      const id = this.isMine(circuit) || circuit.visibility === "private" ? null : (circuit.space?.id ?? null);
      if (id !== null && !this.roles.has(id)) spaces.add(id);
    }
    await Promise.all([...spaces].map((id) => this.learn(id)));
  }

  private async learn(id: string): Promise<void> {
    const space = await readSpace(id).catch(missing);
    this.roles.set(id, space && roleIn(space, this.me));
  }
}
