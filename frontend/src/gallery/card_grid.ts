/** The grid of cards. A circuit keeps its card while it is listed, with focus and pictures. */

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
  /** The rights of the user, for new cards. */
  rights = new Rights();
  private readonly made = new Map<string, CircuitCard>();

  /** The circuits in the grid. */
  get items(): CardData[] {
    return [...this.made.values()].filter((card) => this.element.contains(card.element)).map(({ data }) => data);
  }

  /** The cell of a circuit, with its card updated or created. It is not put into the grid. */
  put(item: CardData): HTMLElement {
    const known = this.made.get(item.id);
    known?.show(item);
    if (known) return cellOf(known);
    const card = new CircuitCard(item, this.rights);
    card.on("act", (action) => this.emit("act", { action, card: card.data }));
    card.on("ofClass", (name) => this.emit("ofClass", name));
    const cell = h("div", { role: "listitem" }, card.element);
    this.made.set(item.id, card);
    return cell;
  }

  /** The cell of a circuit; null if it is not in the grid. */
  cellOf(id: string): HTMLElement | null {
    const card = this.made.get(id);
    return card && this.element.contains(card.element) ? cellOf(card) : null;
  }

  /** Updates the card of a circuit. */
  update(item: CardData): void {
    this.made.get(item.id)?.show(item);
  }

  /** Shows the progress of a job on its circuit's card. Returns false if the circuit is not in the grid. */
  showJob(job: Job): boolean {
    this.made.get(job.subject)?.showJob(job);
    return this.cellOf(job.subject) !== null;
  }
}

function cellOf({ element }: CircuitCard): HTMLElement {
  return element.parentElement as HTMLElement;
}
