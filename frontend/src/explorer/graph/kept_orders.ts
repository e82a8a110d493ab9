/** Caches layouts in the browser, so that the next visit need not wait for the layout engine. */

import { givenOrder, type Order, type Structure } from "./order";

const PREFIX = "neurflow-order-";
const KEPT = 40;

/** Whether there are cached layouts, so that the layout engine may not be needed. */
export function anyKept(): boolean {
  try {
    return Object.keys(localStorage).some((name) => name.startsWith(PREFIX));
  } catch {
    return false;
  }
}

/** The cached order for `key`, if it fits the circuit. */
export function recallOrder(structure: Structure, key: string): Order | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFIX + digest(key)) ?? "null");
    const rows = givenOrder(structure);
    if (!Array.isArray(kept) || kept.length !== rows.size) return null;
    const ranks = kept as unknown[];
    const found = [...rows].map(([position, ids], row) => [position, permuted(ids, ranks[row])] as const);
    return found.every(([, ids]) => ids !== null) ? (new Map(found) as Order) : null;
  } catch {
    return null;
  }
}

/** Caches an order, if storage is available. */
export function keepOrder(structure: Structure, key: string, order: Order): void {
  const ranks = [...givenOrder(structure)].map(([position, ids]) => {
    const given = new Map(ids.map((id, rank) => [id, rank]));
    return (order.get(position) ?? []).map((id) => given.get(id));
  });
  try {
    const others = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    for (const name of others.slice(0, Math.max(0, others.length - KEPT + 1))) localStorage.removeItem(name);
    localStorage.setItem(PREFIX + digest(key), JSON.stringify(ranks));
  } catch {
    // The layout is computed again at the next visit.
  }
}

/** `ids` in the order of `ranks`; null if `ranks` is not a permutation. */
function permuted(ids: readonly string[], ranks: unknown): string[] | null {
  if (!Array.isArray(ranks) || new Set(ranks).size !== ids.length || ranks.length !== ids.length) return null;
  const found = ranks.map((rank) => ids[rank as number]);
  return found.every((id) => id !== undefined) ? (found as string[]) : null;
}

/** 64 bits of FNV-1a, in two halves: enough to tell a user's circuits apart. */
function digest(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + i), 0x01000193);
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36);
}
