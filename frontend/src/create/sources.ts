/** The page's requests: lists networks and data sets, and requests circuits. */

import { narrowerWords } from "../account/narrower";
import { type VisibilityChoice, USUAL } from "../account/visibility_fields";
import { api, data, type Schemas } from "../api/client";
import { count } from "../base/format";
import { toastNext } from "../base/toast";
import { circuitBody, type Ready } from "./request";
import type { Card, SourceKind } from "./source_choice";

const PAGE = 200;
/** A limit: for more entries, the page would need a search. */
const MOST_PAGES = 10;

/** All networks or data sets, by name. */
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
 * Requests the circuits. Returns the address of the page that shows them, which will also say which ones existed.
 *
 * @throws Problem if the request fails.
 */
export async function requestCircuits(ready: Ready, several: boolean, visibility = USUAL): Promise<string> {
  if (several) {
    const { network, dataset, classes, parameters } = ready;
    const body = { network, dataset, classes, parameters, ...visibility };
    const batch = await data(api.POST("/api/v1/circuits/batch", { body }));
    const done = batch.items.filter(({ state }) => state === "succeeded").length;
    const there = done > 0 ? ` ${done.toLocaleString("en")} of them already existed.` : "";
    toastNext(
      `Queued ${count(batch.items.length, "circuit")}.${there}${asBefore(batch.items, visibility)}${beyond(batch.items)}`,
    );
    return "/";
  }
  const answer = api.POST("/api/v1/circuits", { body: { ...circuitBody(ready), ...visibility } });
  const circuit = await data(answer);
  const kept = asBefore([circuit], visibility) + beyond([circuit]);
  if ((await answer).response.status === 200) {
    const computed = circuit.state === "succeeded";
    const there = computed ? "This circuit already exists." : "This circuit is already being computed.";
    toastNext(there + kept);
  } else if (kept) toastNext(kept.trim());
  return `/circuits/${circuit.id}`;
}

/** A sentence if existing circuits keep another visibility than the chosen one; else empty. */
function asBefore(circuits: readonly Schemas["CircuitCard"][], chosen: VisibilityChoice): string {
  const other = circuits.filter(
    ({ visibility, space }) => visibility !== chosen.visibility || (space?.id ?? null) !== chosen.space,
  );
  if (other.length === 0) return "";
  return other.length === 1 && circuits.length === 1
    ? " Its visibility is unchanged."
    : ` The visibility of ${count(other.length, "circuit")} is unchanged.`;
}

/** Says that some users who can see the new circuits cannot see their network or data set. */
function beyond(circuits: readonly Schemas["CircuitCard"][]): string {
  const first = circuits.find(({ narrower }) => narrower.length > 0);
  return first ? ` ${narrowerWords(first.narrower, first, "Some users who can see the circuit")}` : "";
}
