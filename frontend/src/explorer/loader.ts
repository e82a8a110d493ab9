/** The explorer's requests about one circuit, with the members of groups cached. */

import { api, data } from "../api/client";
import type { GroupId, Members, Overview } from "../circuit/types";

export class Loader {
  private readonly opened = new Map<GroupId, Promise<Members>>();

  constructor(readonly id: string) {}

  private get path() {
    return { path: { id: this.id } };
  }

  overview(): Promise<Overview> {
    return data(api.GET("/api/v1/circuits/{id}", { params: this.path }));
  }

  /** An overview of the finished layers. */
  async preview(overview: Overview): Promise<Overview> {
    const done = await data(api.GET("/api/v1/circuits/{id}/preview", { params: this.path }));
    return { ...overview, ...done };
  }

  /** The parts of a group. Failed requests are not cached. */
  members(group: GroupId): Promise<Members> {
    const known = this.opened.get(group);
    if (known) return known;
    const cut = group.lastIndexOf("/");
    const path = { id: this.id, layer: group.slice(0, cut), number: Number(group.slice(cut + 1)) };
    const asked: Promise<Members> = data(
      api.GET("/api/v1/circuits/{id}/groups/{layer}/{number}/members", { params: { path } }),
    );
    this.opened.set(group, asked);
    asked.catch(() => this.opened.delete(group));
    return asked;
  }

  /** Empties the cache, as there is a new result. */
  forget(): void {
    this.opened.clear();
  }

  async rename(name: string): Promise<void> {
    await data(api.PATCH("/api/v1/circuits/{id}", { params: this.path, body: { name } }));
  }

  async recompute(): Promise<void> {
    await data(api.POST("/api/v1/circuits/{id}/recompute", { params: this.path }));
  }

  async remove(): Promise<void> {
    await data(api.DELETE("/api/v1/circuits/{id}", { params: this.path }));
  }
}
