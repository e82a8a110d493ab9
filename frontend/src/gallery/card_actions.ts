/** The actions of a circuit's card. */

import { at } from "../api/address";
import { askVisibility } from "../account/visibility_dialog";
import { api, data, unlessGone } from "../api/client";
import { confirmDialog } from "../base/dialog";
import { attempt } from "../base/load";
import { askName } from "../base/name_dialog";
import { toast } from "../base/toast";
import type { Action, CardData } from "./circuit_card";

/** The result of an action: the changed card, `gone` if it was deleted, null if nothing changed. */
export type Outcome = CardData | "gone" | null;

/** Runs an action. Asks before deleting, and reports failures. */
export async function act(action: Action, card: CardData): Promise<Outcome> {
  let outcome: Outcome = null;
  await attempt(async () => (outcome = await ACTIONS[action](card)));
  return outcome;
}

const ACTIONS: Record<Action, (card: CardData) => Promise<Outcome>> = {
  rename,
  recompute,
  copy,
  access: askVisibility,
  delete: remove,
};

async function rename(card: CardData): Promise<Outcome> {
  const name = await askName("Rename circuit", card.name);
  if (name === null) return null;
  return data(api.PATCH("/api/v1/circuits/{id}", { params: { path: { id: card.id } }, body: { name } }));
}

async function recompute(card: CardData): Promise<Outcome> {
  return data(api.POST("/api/v1/circuits/{id}/recompute", { params: { path: { id: card.id } } }));
}

async function remove(card: CardData): Promise<Outcome> {
  const running = card.state === "queued" || card.state === "running";
  const text = `${card.name} is deleted for all users${running ? " and its job is cancelled" : ""}. You can’t undo this.`;
  if (!(await confirmDialog("Delete this circuit?", text, "Delete"))) return null;
  await unlessGone(data(api.DELETE("/api/v1/circuits/{id}", { params: { path: { id: card.id } } })));
  toast(`Deleted ${card.name}.`);
  return "gone";
}

async function copy(card: CardData): Promise<Outcome> {
  const link = new URL(at(`/circuits/${card.id}`), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    toast("Link copied.");
  } catch {
    // Browsers deny the clipboard to pages without TLS.
    toast(link);
  }
  return null;
}
