/** What the page asks the server: the registered networks and data sets, and the circuits in the end. */

import { type Audience, USUAL } from "../account/audience_fields";
import { whoAmI } from "../account/me";
import { share } from "../account/who_sees";
import { api, data, Problem, type Schemas } from "../api/client";
import { count } from "../base/format";
import { toastNext } from "../base/toast";
import { circuitBody, type Ready } from "./request";
import type { Card, SourceKind } from "./source_choice";

const PAGE = 200;
/** More of them would need a search; nobody has so many. */
const MOST_PAGES = 10;

/** All that is registered of a kind, by name. */
export async function listSources(kind: SourceKind): Promise<Card[]> {
  const cards: Card[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { params: { query: { limit: PAGE, sort: "name" as const, ...(cursor ? { cursor } : {}) } } };
    const found = await (kind === "network"
      ? data(api.GET("/api/v1/networks", query))
      : data(api.GET("/api/v1/datasets", query)));
    cards.push(...found.items);
    if (!found.next) break;
    cursor = found.next;
  }
  return cards;
}

/** The network with its layers and classes; null for null. */
export async function readNetwork(id: string | null): Promise<Schemas["NetworkOut"] | null> {
  return id === null ? null : data(api.GET("/api/v1/networks/{id}", { params: { path: { id } } }));
}

/** The data set with its classes; null for null. */
export async function readDataset(id: string | null): Promise<Schemas["DatasetOut"] | null> {
  return id === null ? null : data(api.GET("/api/v1/datasets/{id}", { params: { path: { id } } }));
}

/**
 * Asks for the circuits; gives the address of the page that shows them, which says what was there already.
 *
 * @throws Problem where the server refuses.
 */
export async function requestCircuits(ready: Ready, several: boolean, audience = USUAL): Promise<string> {
  if (several) {
    const { network, dataset, classes, parameters } = ready;
    const batch = await data(api.POST("/api/v1/circuits/batch", { body: { network, dataset, classes, parameters } }));
    const done = batch.items.filter(({ state }) => state === "succeeded").length;
    const there = done > 0 ? ` ${done.toLocaleString("en")} of them had been computed before.` : "";
    const kept = await show(batch.items, audience);
    toastNext(`${count(batch.items.length, "circuit")} asked for.${there}${kept}`);
    return "/";
  }
  const answer = api.POST("/api/v1/circuits", { body: circuitBody(ready) });
  const circuit = await data(answer);
  if ((await answer).response.status === 200) {
    const computed = circuit.state === "succeeded";
    toastNext(
      computed ? "This circuit had been computed before: here it is." : "This circuit is being computed already.",
    );
  } else {
    const kept = await show([circuit], audience);
    if (kept) toastNext(kept.trim());
  }
  return `/circuits/${circuit.id}`;
}

/** Has others see new circuits as it was chosen; what came of those that stay as they were, as a sentence. */
async function show(circuits: readonly Schemas["CircuitCard"][], audience: Audience): Promise<string> {
  if (audience.visibility === USUAL.visibility && audience.space === USUAL.space) return "";
  const me = await whoAmI();
  let kept = 0;
  for (const circuit of circuits) {
    // One that was there before is as its owner has it.
    const begun = circuit.state === "queued" || circuit.state === "running";
    if (!begun || circuit.owner?.id !== me?.id) continue;
    try {
      await share(circuit.id, audience);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      kept += 1;
    }
  }
  return kept > 0 ? ` Who sees ${count(kept, "circuit")} could not be set: see “Who sees it…” there.` : "";
}

/** A failure in a sentence. */
export function told(error: unknown): string {
  return error instanceof Problem ? error.message : String(error);
}
