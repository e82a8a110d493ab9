/** The options of the gallery's filters: networks, data sets, classes, owners. */

import { hasAccounts, type Me } from "../account/me";
import { listSpaces } from "../account/spaces";
import { api, data } from "../api/client";
import { optional } from "../base/load";
import type { FilterBar } from "./filter_bar";

const ALL = { params: { query: { limit: 200, sort: "name" as const } } };

export class FilterOffers {
  private ofNetwork: readonly string[] = [];
  private ofCards: readonly string[] = [];
  private network = "";

  constructor(private readonly bar: FilterBar) {}

  /** Loads the networks and data sets. */
  async load(): Promise<void> {
    const [networks, datasets] = await Promise.all([
      optional(data(api.GET("/api/v1/networks", ALL))),
      optional(data(api.GET("/api/v1/datasets", ALL))),
    ]);
    // Without them, the filters offer what the address says. The list reports what is wrong.
    if (networks) this.bar.setNetworks(networks.items);
    if (datasets) this.bar.setDatasets(datasets.items);
  }

  /** Offers the circuits of the user, and of the spaces that they are in. */
  async ofUser(me: Me | null): Promise<void> {
    if (!me?.id || !hasAccounts(me)) return;
    this.bar.setWhose(me.id, []);
    const spaces = await optional(listSpaces());
    if (spaces) this.bar.setWhose(me.id, spaces);
  }

  /** Offers the classes of the circuits that are shown. */
  ofCircuits(classes: readonly string[]): void {
    this.ofCards = classes;
    this.offer();
  }

  /** Also offers the classes of the chosen network. Few of them may have circuits. */
  async choose(id: string): Promise<void> {
    if (id === this.network) return;
    this.network = id;
    const network = id && (await optional(data(api.GET("/api/v1/networks/{id}", { params: { path: { id } } }))));
    this.ofNetwork = network ? network.classes : [];
    this.offer();
  }

  private offer(): void {
    this.bar.setClasses([...this.ofCards, ...this.ofNetwork]);
  }
}
