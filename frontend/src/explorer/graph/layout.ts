/** The layout engine: ELK in a web worker, called once for each circuit. */

import type { ELK } from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import { keepOrder, recallOrder } from "./kept_orders";
import { elkGraph, givenOrder, type Order, readOrder, type Structure, structureKey } from "./order";

const KEPT = 20;
const PATIENCE_MS = 15_000;

const kept = new Map<string, Promise<Order>>();
let engine: Promise<ELK> | null = null;

/** Starts the worker before the first layout, while the circuit is loading. */
export function startEngine(): void {
  engine ??= import("elkjs/lib/elk-api.js").then(
    ({ default: Elk }) => new Elk({ workerFactory: () => new Worker(workerUrl, { type: "classic" }) }),
  );
  // A failure shows when the layout is requested.
  engine.catch(() => undefined);
}

/** The order of the groups, the same at each visit; by number if the engine fails or takes too long. */
export function orderOf(structure: Structure): Promise<Order> {
  const key = structureKey(structure);
  let order = kept.get(key);
  if (!order) {
    order = settle(structure, key).catch(() => {
      kept.delete(key);
      return givenOrder(structure);
    });
    const oldest = kept.size >= KEPT ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(key, order);
  }
  return order;
}

async function settle(structure: Structure, key: string): Promise<Order> {
  const before = recallOrder(structure, key);
  if (before) return before;
  const order = await ask(structure);
  keepOrder(structure, key, order);
  return order;
}

async function ask(structure: Structure): Promise<Order> {
  startEngine();
  const elk = await engine;
  if (!elk) throw new Error("no layout engine");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // The running layout would delay the next one.
      elk.terminateWorker();
      engine = null;
      reject(new Error("the layout takes too long"));
    }, PATIENCE_MS);
  });
  try {
    return readOrder(structure, await Promise.race([elk.layout(elkGraph(structure)), late]));
  } finally {
    clearTimeout(timer);
  }
}
