/** Images of the circuit's data set by outcome of the prediction. */

import { api, data, type Schemas } from "../api/client";
import { readClasses } from "../circuit/shared_classes";
import type { Overview } from "../circuit/types";

export type DatasetPicture = Schemas["DatasetImageOut"];
export type Evaluation = Schemas["EvaluationCard"];

/** `any` if the predictions are unknown. */
export type Wanted = "right" | "taken" | "missed" | "any";

const PAGE = 24;

export class DatasetPictures {
  private labels: Promise<readonly string[]> | null = null;

  private constructor(
    private readonly name: string,
    readonly network: string,
    readonly dataset: string,
  ) {}

  /** Null if the circuit has no network or data set here. */
  static of(overview: Overview): DatasetPictures | null {
    const { network, dataset } = overview;
    return network && dataset ? new DatasetPictures(overview.class, network.id, dataset.id) : null;
  }

  /** The latest evaluation of the network on the data set; null if there is none. */
  async evaluation(signal: AbortSignal): Promise<Evaluation | null> {
    const query = { network: this.network, dataset: this.dataset, limit: 1 };
    return (await data(api.GET("/api/v1/evaluations", { params: { query }, signal }))).items[0] ?? null;
  }

  evaluate(): Promise<Evaluation> {
    return data(api.POST("/api/v1/evaluations", { body: { network: this.network, dataset: this.dataset } }));
  }

  async page(wanted: Wanted, cursor: string | null, signal: AbortSignal) {
    const labels = wanted === "taken" ? null : await this.readLabels(signal);
    const query = {
      limit: PAGE,
      ...(cursor !== null && { cursor }),
      ...(labels !== null && { class: [...labels] }),
      ...(wanted !== "any" && { network: this.network }),
      ...(wanted === "right" && { outcome: "right" as const }),
      ...(wanted === "missed" && { outcome: "wrong" as const }),
      ...(wanted === "taken" && { missed_as: this.name }),
    };
    return data(api.GET("/api/v1/datasets/{id}/images", { params: { path: { id: this.dataset }, query }, signal }));
  }

  /** The data set's labels of the class. Without any, the class's name, which matches no image. */
  private readLabels(signal: AbortSignal): Promise<readonly string[]> {
    this.labels ??= readClasses(this.network, this.dataset, signal).then(({ classes }) => {
      const labels = classes.find(({ name }) => name === this.name)?.labels ?? [];
      return labels.length > 0 ? labels : [this.name];
    });
    this.labels.catch(() => {
      this.labels = null;
    });
    return this.labels;
  }
}
