/** The visibility of a circuit: a short note, and the dialog that changes it. */

import { api, data, type Schemas } from "../api/client";
import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { attempt, optional } from "../base/load";
import { type Owned, type Rights, whoAmI } from "./me";
import { editableSpaces } from "./spaces";
import { type VisibilityChoice, VisibilityFields, changedBy, seenBy } from "./visibility_fields";
import "./visibility_dialog.css";

type Card = Schemas["CircuitCard"];
type Change = Pick<VisibilityChoice, "visibility"> & Partial<VisibilityChoice>;

/** Asks for a circuit's visibility. Returns the changed circuit, or null if the user cancels. */
export async function askVisibility(card: Pick<Card, "id" | "name" | "visibility" | "space">): Promise<Card | null> {
  const me = await whoAmI();
  const spaces = me && (await optional(editableSpaces(me)));
  return new Promise((resolve) => new VisibilityDialog(card, spaces ?? [], resolve));
}

/** Changes a circuit's visibility. */
export function share(id: string, body: Change): Promise<Card> {
  return data(api.PATCH("/api/v1/circuits/{id}", { params: { path: { id } }, body }));
}

class VisibilityDialog {
  private readonly fields: VisibilityFields;
  private readonly error = h("p", { class: "form-error", role: "alert" });
  private readonly save = h("button", { type: "submit", class: "primary" }, "Save");
  private readonly dialog: HTMLDialogElement;
  private answer: Card | null = null;

  constructor(
    private readonly card: Pick<Card, "id" | "name" | "visibility" | "space">,
    spaces: readonly Schemas["Named"][],
    resolve: (card: Card | null) => void,
  ) {
    const { space, visibility } = card;
    const offered = space && !spaces.some(({ id }) => id === space.id) ? [...spaces, space] : spaces;
    this.fields = new VisibilityFields({ visibility, space: space?.id ?? null }, offered);
    const cancel = h("button", { type: "button" }, "Cancel");
    const ways = h("p", { class: "ways" }, this.save, cancel);
    const form = h("form", {}, this.fields.element, this.error, ways);
    this.dialog = openDialog(`Visibility of ${card.name}`, [form], () => resolve(this.answer));
    cancel.addEventListener("click", () => this.dialog.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  private async send(): Promise<void> {
    this.save.disabled = true;
    this.error.textContent = "";
    const send = async () => {
      this.answer = await share(this.card.id, this.changed);
      this.dialog.close();
    };
    await attempt(send, { report: ({ message }) => (this.error.textContent = message) });
    this.save.disabled = false;
  }

  /** Contains the space only if it changed: users can change their circuits in spaces that they cannot edit. */
  private get changed(): Change {
    const { visibility, space } = this.fields.value;
    return space === (this.card.space?.id ?? null) ? { visibility } : { visibility, space };
  }
}

/** `private`, `team Lab` or `public` with its meaning, and the owner. */
export function accessNote(circuit: Owned, rights: Rights): HTMLElement {
  const { visibility, owner } = circuit;
  const space = circuit.space?.name ?? null;
  const means = `${seenBy(visibility, space)} ${changedBy(visibility, space)}`;
  const word = h("span", { class: `access-word ${visibility}`, title: means }, visibility);
  const within = space && h("span", { title: `In the space ${space}` }, space);
  const whose = rights.isMine(circuit) ? "yours" : owner && `by ${owner.name}`;
  return h("span", { class: "access-note" }, word, within, whose && h("span", { title: "Its owner" }, whose));
}
