/** The visibility of a circuit, network or data set: a short note, and the dialog that changes it. */

import { api, data, type Schemas } from "../api/client";
import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { attempt, optional } from "../base/load";
import { toast } from "../base/toast";
import { type Owned, type Rights, whoAmI } from "./me";
import { narrowerIf, narrowerWords } from "./narrower";
import { editableSpaces } from "./spaces";
import { type VisibilityChoice, VisibilityFields, changedBy, seenBy } from "./visibility_fields";
import "./visibility_dialog.css";

type Card = Schemas["CircuitCard"];
type Change = Pick<VisibilityChoice, "visibility"> & Partial<VisibilityChoice>;
type Shown = Pick<Card, "id" | "name" | "visibility" | "space">;

/** Changes a visibility, and describes the effects on circuits. */
export interface Sharing<T> {
  save(id: string, body: Change): Promise<T>;
  /** The effects of a choice before it is saved; empty for none. */
  before(id: string, choice: VisibilityChoice): Promise<string>;
  /** The effects of what was saved. */
  after(saved: T): string;
}

const CIRCUITS: Sharing<Card> = {
  save: (id, body) => data(api.PATCH("/api/v1/circuits/{id}", { params: { path: { id } }, body })),
  before: async (id, choice) => narrowerWords(await narrowerIf(id, choice), {}, "Some users who could see it"),
  after: (card) => narrowerWords(card.narrower, card),
};

/** Asks for a circuit's visibility. Returns the changed circuit, or null if the user cancels. */
export function askVisibility(card: Shown): Promise<Card | null> {
  return askVisibilityOf(card, CIRCUITS);
}

/** Does the same for a network or data set. */
export async function askVisibilityOf<T>(shown: Shown, sharing: Sharing<T>): Promise<T | null> {
  const me = await whoAmI();
  const spaces = me && (await optional(editableSpaces(me)));
  return new Promise((resolve) => new VisibilityDialog(shown, sharing, spaces ?? [], resolve));
}

class VisibilityDialog<T> {
  private readonly fields: VisibilityFields;
  private readonly effects = h("p", { class: "visibility-effects narrower small", role: "status" });
  private readonly error = h("p", { class: "form-error", role: "alert" });
  private readonly save = h("button", { type: "submit", class: "primary" }, "Save");
  private readonly dialog: HTMLDialogElement;
  private answer: T | null = null;
  private asked = 0;

  constructor(
    private readonly shown: Shown,
    private readonly sharing: Sharing<T>,
    spaces: readonly Schemas["Named"][],
    resolve: (answer: T | null) => void,
  ) {
    const { space, visibility } = shown;
    const offered = space && !spaces.some(({ id }) => id === space.id) ? [...spaces, space] : spaces;
    this.fields = new VisibilityFields({ visibility, space: space?.id ?? null }, offered);
    const cancel = h("button", { type: "button" }, "Cancel");
    const ways = h("p", { class: "ways" }, this.save, cancel);
    const form = h("form", {}, this.fields.element, this.effects, this.error, ways);
    this.dialog = openDialog(`Visibility of ${shown.name}`, [form], () => resolve(this.answer));
    cancel.addEventListener("click", () => this.dialog.close());
    this.fields.on("change", () => void this.showEffects());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    void this.showEffects();
  }

  /** Shows the effects of the choice before it is saved. */
  private async showEffects(): Promise<void> {
    const asked = ++this.asked;
    const text = await optional(this.sharing.before(this.shown.id, this.fields.value));
    if (asked === this.asked) this.effects.textContent = text;
  }

  private async send(): Promise<void> {
    this.save.disabled = true;
    this.error.textContent = "";
    const send = async () => {
      this.answer = await this.sharing.save(this.shown.id, this.changed);
      const text = this.sharing.after(this.answer);
      if (text) toast(text);
      this.dialog.close();
    };
    await attempt(send, { report: ({ message }) => (this.error.textContent = message) });
    this.save.disabled = false;
  }

  /** Contains the space only if it changed: users can change their circuits in spaces that they cannot edit. */
  private get changed(): Change {
    const { visibility, space } = this.fields.value;
    return space === (this.shown.space?.id ?? null) ? { visibility } : { visibility, space };
  }
}

/** What a circuit's card says about its network and data set; missing for these themselves. */
type Narrowed = Partial<Pick<Card, "narrower" | "network" | "dataset">>;

/** `private`, `team Lab` or `public` with its meaning, and the owner. */
export function accessNote(circuit: Owned & Narrowed, rights: Rights): HTMLElement {
  const { visibility, owner, narrower = [] } = circuit;
  const space = circuit.space?.name ?? null;
  const means = `${seenBy(visibility, space)} ${changedBy(visibility, space)}`;
  const word = h("span", { class: `access-word ${visibility}`, title: means }, visibility);
  const within = space && h("span", { title: `In the space ${space}` }, space);
  const whose = rights.isMine(circuit) ? "yours" : owner && `by ${owner.name}`;
  const beyond = narrower.length > 0 && h("span", { class: "access-beyond" }, "wider than its sources");
  if (beyond) beyond.title = narrowerWords(narrower, circuit);
  const mine = whose && h("span", { title: "Its owner" }, whose);
  return h("span", { class: "access-note" }, word, within, mine, beyond);
}
