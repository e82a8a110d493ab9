/** Images of the circuit's data set by outcome of the prediction. */

import { api, data, type Schemas } from "../api/client";
import { sharedClasses } from "../circuit/shared_classes";
import type { Overview } from "../circuit/types";

export type DatasetPicture = Schemas["DatasetImageOut"];
export type Evaluation = Schemas["EvaluationCard"];

/** `any` where it is not known what the network says of them. */
export type Wanted = "right" | "taken" | "missed" | "any";

const PAGE = 24;

export class DatasetPictures {
  private label: Promise<string> | null = null;

  private constructor(
    private readonly name: string,
    readonly network: string,
    readonly dataset: string,
  ) {}

  /** Null where the circuit does not tell its network and its data set. */
  static of(overview: Overview): DatasetPictures | null {
    const { network, dataset } = overview;
    return network && dataset ? new DatasetPictures(overview.class, network.id, dataset.id) : null;
  }

  /** The latest evaluation of the network on the data set; null where there is none. */
  async evaluation(signal: AbortSignal): Promise<Evaluation | null> {
    const query = { network: this.network, dataset: this.dataset, limit: 1 };
    return (await data(api.GET("/api/v1/evaluations", { params: { query }, signal }))).items[0] ?? null;
  }

  evaluate(): Promise<Evaluation> {
    return data(api.POST("/api/v1/evaluations", { body: { network: this.network, dataset: this.dataset } }));
  }

  async page(wanted: Wanted, cursor: string | null, signal: AbortSignal) {
    const label = wanted === "taken" ? null : await this.labelOf(signal);
    const query = {
      limit: PAGE,
      ...(cursor !== null && { cursor }),
      ...(label !== null && { class: label }),
      ...(wanted !== "any" && { network: this.network }),
      ...(wanted === "right" && { outcome: "right" as const }),
      ...(wanted === "missed" && { outcome: "wrong" as const }),
      ...(wanted === "taken" && { missed_as: this.name }),
    };
    return data(api.GET("/api/v1/datasets/{id}/images", { params: { path: { id: this.dataset }, query }, signal }));
  }

  /** The data set's own name of the class. */
  private labelOf(signal: AbortSignal): Promise<string> {
    this.label ??= data(api.GET("/api/v1/datasets/{id}", { params: { path: { id: this.dataset } }, signal })).then(
      ({ classes }) => sharedClasses([this.name], classes).classes[0]?.label ?? this.name,
    );
    this.label.catch(() => {
      this.label = null;
    });
    return this.label;
  }
}
