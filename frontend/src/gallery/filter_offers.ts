/** The options of the gallery's filters: networks, data sets, classes, owners. */

import { hasAccounts, type Me } from "../account/me";
import { listSpaces } from "../account/spaces";
import { api, data } from "../api/client";
import { isProblem } from "../base/message";
import type { FilterBar } from "./filter_bar";

const ALL = { params: { query: { limit: 200, sort: "name" as const } } };

export class FilterOffers {
  private ofNetwork: readonly string[] = [];
  private ofCards: readonly string[] = [];
  private network = "";

  constructor(private readonly bar: FilterBar) {}

  /** Reads what is registered. */
  async load(): Promise<void> {
    try {
      const [networks, datasets] = await Promise.all([
        data(api.GET("/api/v1/networks", ALL)),
        data(api.GET("/api/v1/datasets", ALL)),
      ]);
      this.bar.setNetworks(networks.items);
      this.bar.setDatasets(datasets.items);
    } catch (error) {
      isProblem(error); // the filters then offer what the address says, and the list tells what is wrong
    }
  }

  /** Offers what is the user's, and what is in their spaces. */
  async ofPerson(me: Me | null): Promise<void> {
    if (!me?.id || !hasAccounts(me)) return;
    this.bar.setWhose(me.id, []);
    try {
      this.bar.setWhose(me.id, await listSpaces());
    } catch (error) {
      isProblem(error);
    }
  }

  /** Offers the classes of the circuits that are shown. */
  ofCircuits(classes: readonly string[]): void {
    this.ofCards = classes;
    this.offer();
  }

  /** Offers the classes of the chosen network, too: it may have a thousand of which few have circuits yet. */
  async choose(id: string): Promise<void> {
    if (id === this.network) return;
    this.network = id;
    try {
      const network = id && (await data(api.GET("/api/v1/networks/{id}", { params: { path: { id } } })));
      this.ofNetwork = network ? network.classes : [];
    } catch (error) {
      isProblem(error);
      this.ofNetwork = [];
    }
    this.offer();
  }

  private offer(): void {
    this.bar.setClasses([...this.ofCards, ...this.ofNetwork]);
  }
}
