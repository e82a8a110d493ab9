/** The circuits that a query finds, page by page, and their updates. */

import { api, data } from "../api/client";
import type { CardData } from "./circuit_card";
import { asked, type GalleryQuery } from "./gallery_query";

const PAGE = 24;
const MOST = 100;

export class CircuitList {
  private next: string | null = null;
  private loaded = 0;
  private life = new AbortController();

  /** Whether there are more than were read. */
  get more(): boolean {
    return this.next !== null;
  }

  /** How many were read. */
  get length(): number {
    return this.loaded;
  }

  /** The first circuits of `query`, a page or `atLeast` so many; what was being read is given up. */
  async first(query: GalleryQuery, atLeast = 0): Promise<CardData[]> {
    this.life.abort();
    this.life = new AbortController();
    const { signal } = this.life;
    const items: CardData[] = [];
    let next: string | null = null;
    do {
      const limit = Math.min(Math.max(atLeast - items.length, PAGE), MOST);
      const page = await read(query, next, limit, signal);
      items.push(...page.items);
      next = page.next;
    } while (next !== null && items.length < atLeast);
    this.next = next;
    this.loaded = items.length;
    return items;
  }

  /** The next page. */
  async following(query: GalleryQuery): Promise<CardData[]> {
    const { signal } = this.life;
    const page = await read(query, this.next, PAGE, signal);
    signal.throwIfAborted();
    this.next = page.next;
    this.loaded += page.items.length;
    return page.items;
  }
}

function read(query: GalleryQuery, cursor: string | null, limit: number, signal: AbortSignal) {
  const params = { query: { ...asked(query), limit, ...(cursor !== null && { cursor }) } };
  return data(api.GET("/api/v1/circuits", { params, signal }));
}
