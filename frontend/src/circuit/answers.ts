/** The API's answers about one circuit's groups, neurons and edges, cached. */

import { api, data, type Schemas } from "../api/client";
import { placeOf } from "./scene";
import type { GroupId } from "./types";

export type Exemplar = Schemas["ExemplarOut"];
export type HeatMap = Schemas["HeatMapOut"];
export type GroupDetail = Schemas["GroupOut"];
export type Members = Schemas["GroupMembers"];
export type Neuron = Schemas["NeuronOut"];
export type EdgeDetail = Schemas["EdgeDetail"];
export type Link = Schemas["LinkOut"];
export type CircuitImage = Schemas["CircuitImageOut"];
export type Patch = Schemas["PatchOut"];

export interface Page<T> {
  items: readonly T[];
  next: string | null;
}

const MOST_KEPT = 300;
const PAGE = 24;

export class Answers {
  private readonly kept = new Map<string, Promise<unknown>>();

  constructor(readonly circuit: string) {}

  group(id: GroupId, signal: AbortSignal): Promise<GroupDetail> {
    return this.ask(`group ${id}`, signal, () =>
      data(api.GET("/api/v1/circuits/{id}/groups/{layer}/{number}", { params: { path: this.path(id) }, signal })),
    );
  }

  exemplars(id: GroupId, cursor: string | null, signal: AbortSignal): Promise<Page<Exemplar>> {
    const params = { path: this.path(id), query: { limit: PAGE, ...(cursor ? { cursor } : {}) } };
    return this.ask(`exemplars ${id} ${cursor ?? ""}`, signal, () =>
      data(api.GET("/api/v1/circuits/{id}/groups/{layer}/{number}/exemplars", { params, signal })),
    );
  }

  members(id: GroupId, signal: AbortSignal): Promise<Members> {
    return this.ask(`members ${id}`, signal, () =>
      data(
        api.GET("/api/v1/circuits/{id}/groups/{layer}/{number}/members", { params: { path: this.path(id) }, signal }),
      ),
    );
  }

  neuron(layer: string, channel: number, signal: AbortSignal): Promise<Neuron> {
    const params = { path: { id: this.circuit, layer, channel } };
    return this.ask(`neuron ${layer} ${channel}`, signal, () =>
      data(api.GET("/api/v1/circuits/{id}/neurons/{layer}/{channel}", { params, signal })),
    );
  }

  edge(source: GroupId, target: GroupId, signal: AbortSignal): Promise<EdgeDetail> {
    const params = { path: { id: this.circuit }, query: { source, target } };
    return this.ask(`edge ${source}>${target}`, signal, () =>
      data(api.GET("/api/v1/circuits/{id}/edges/detail", { params, signal })),
    );
  }

  images(cursor: string | null, signal: AbortSignal): Promise<Page<CircuitImage>> {
    const params = { path: { id: this.circuit }, query: { limit: PAGE, ...(cursor ? { cursor } : {}) } };
    return this.ask(`images ${cursor ?? ""}`, signal, () =>
      data(api.GET("/api/v1/circuits/{id}/images", { params, signal })),
    );
  }

  private path(id: GroupId) {
    return { id: this.circuit, ...placeOf(id) };
  }

  /** Waits for a running request instead of repeating it. Failed and aborted requests are not cached. */
  private ask<T>(key: string, signal: AbortSignal, load: () => Promise<T>): Promise<T> {
    const known = this.kept.get(key);
    if (known) return known as Promise<T>;
    const answer = load();
    this.kept.set(key, answer);
    const forget = () => this.kept.delete(key);
    const settled = () => signal.removeEventListener("abort", forget);
    signal.addEventListener("abort", forget);
    answer.then(settled, () => {
      settled();
      forget();
    });
    const oldest = this.kept.keys().next();
    if (this.kept.size > MOST_KEPT && !oldest.done) this.kept.delete(oldest.value);
    return answer;
  }
}
