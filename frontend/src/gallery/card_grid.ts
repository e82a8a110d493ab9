/** The grid of cards. Cards are updated and moved in place, so that focus and pictures stay. */

import { Rights } from "../account/me";
import { h } from "../base/dom";
import { Widget } from "../base/widget";
import type { Job } from "../jobs/watch_jobs";
import { type Action, type CardData, CircuitCard } from "./circuit_card";
import "./card_grid.css";

interface GridEvents {
  act: { action: Action; card: CardData };
  ofClass: string;
}

export class CardGrid extends Widget<GridEvents> {
  readonly element = h("div", { class: "card-grid", role: "list", "aria-label": "Circuits" });
  /** Of the user, for cards that are shown from now on. */
  rights = new Rights();
  private cards = new Map<string, CircuitCard>();

  /** The circuits that are shown. */
  get items(): CardData[] {
    return [...this.cards.values()].map((card) => card.data);
  }

  /** Shows exactly these. */
  showAll(items: readonly CardData[]): void {
    const wanted = new Set(items.map(({ id }) => id));
    for (const id of this.cards.keys()) if (!wanted.has(id)) this.remove(id);
    const ordered = new Map<string, CircuitCard>();
    let before: Element | null = null;
    for (const item of items) {
      const card = this.put(item);
      const place: Element | null = before ? before.nextElementSibling : this.element.firstElementChild;
      const cell = cellOf(card);
      // Moving an element takes its focus away, so only what stands elsewhere is moved.
      if (cell !== place) this.element.insertBefore(cell, place);
      before = cell;
      ordered.set(item.id, card);
    }
    this.cards = ordered;
  }

  /** Shows these after the others; gives the first of the new ones. */
  append(items: readonly CardData[]): CircuitCard | null {
    const fresh = items.filter(({ id }) => !this.cards.has(id));
    for (const item of items) this.put(item);
    return (fresh[0] && this.cards.get(fresh[0].id)) ?? null;
  }

  /** Shows what is known of one circuit now, if it is shown. */
  update(item: CardData): void {
    this.cards.get(item.id)?.show(item);
  }

  /** What the stream tells of a job; false where its circuit is not shown. */
  showJob(job: Job): boolean {
    const card = this.cards.get(job.subject);
    card?.showJob(job);
    return card !== undefined;
  }

  /** Takes a circuit out; who stood on it stands on the next one then. */
  remove(id: string): void {
    const card = this.cards.get(id);
    if (!card) return;
    const cell = cellOf(card);
    const focused = cell.contains(document.activeElement);
    const near = cell.nextElementSibling ?? cell.previousElementSibling;
    this.cards.delete(id);
    cell.remove();
    if (focused) near?.querySelector<HTMLElement>(".card-name")?.focus();
  }

  private put(item: CardData): CircuitCard {
    const known = this.cards.get(item.id);
    if (known) {
      known.show(item);
      return known;
    }
    const card = new CircuitCard(item, this.rights);
    card.on("act", (action) => this.emit("act", { action, card: card.data }));
    card.on("ofClass", (name) => this.emit("ofClass", name));
    this.element.append(h("div", { role: "listitem" }, card.element));
    this.cards.set(item.id, card);
    return card;
  }
}

function cellOf(card: CircuitCard): Element {
  return card.element.parentElement as Element;
}
