/** The lens's requests to the server. */

import { at } from "../api/address";
import { api, data, type Schemas } from "../api/client";
import { type Sent, upload } from "../base/upload";
import { placeOf } from "../circuit/scene";
import type { Analysis, AnalysisCard, GroupId, Measurement } from "../circuit/types";

type AnalysisIn = Schemas["AnalysisIn"];
export type MeasurementIn = Schemas["MeasurementIn"];
export interface Page<T> {
  items: readonly T[];
  next: string | null;
}

const PAGE = 24;
/** How long a response waits for the worker. After that, the page shows the progress. */
const WAIT_SECONDS = 3;

export class LensApi {
  constructor(readonly circuit: string) {}

  /** Inspects a file. Resolves with the analysis when it is done, or after the wait while it runs. */
  upload(file: File, sent: Sent, signal: AbortSignal): Promise<Analysis> {
    const form = new FormData();
    form.append("circuit", this.circuit);
    form.append("file", file);
    return upload<Analysis>(at(`/api/v1/uploads/analyses?wait=${WAIT_SECONDS}`), form, sent, signal);
  }

  /** Inspects an image of a data set, or the image of another analysis, through this or another circuit. */
  request(wanted: Omit<AnalysisIn, "circuit"> & { circuit?: string }, signal: AbortSignal): Promise<Analysis> {
    const params = { query: { wait: WAIT_SECONDS } };
    return data(api.POST("/api/v1/analyses", { params, body: { circuit: this.circuit, ...wanted }, signal }));
  }

  analysis(id: string, signal: AbortSignal): Promise<Analysis> {
    return data(api.GET("/api/v1/analyses/{id}", { params: { path: { id } }, signal }));
  }

  /** The circuit's analyses, the newest first. */
  list(cursor: string | null, signal: AbortSignal): Promise<Page<AnalysisCard>> {
    const query = { circuit: this.circuit, limit: PAGE, ...(cursor ? { cursor } : {}) };
    return data(api.GET("/api/v1/analyses", { params: { query }, signal }));
  }

  rename(id: string, name: string): Promise<Analysis> {
    return data(api.PATCH("/api/v1/analyses/{id}", { params: { path: { id } }, body: { name } }));
  }

  async remove(id: string): Promise<void> {
    await data(api.DELETE("/api/v1/analyses/{id}", { params: { path: { id } } }));
  }

  repeat(id: string): Promise<Analysis> {
    return data(api.POST("/api/v1/analyses/{id}/repeat", { params: { path: { id } } }));
  }

  /** Measures groups. Resolves with the measurement when it is done, or after the wait while its job runs. */
  measure(wanted: Omit<MeasurementIn, "circuit">, signal: AbortSignal): Promise<Measurement> {
    return data(api.POST("/api/v1/measurements", { body: { circuit: this.circuit, ...wanted }, signal }));
  }

  measurement(id: string, signal: AbortSignal): Promise<Measurement> {
    return data(api.GET("/api/v1/measurements/{id}", { params: { path: { id } }, signal }));
  }

  difference(id: string, other: string, signal: AbortSignal): Promise<Schemas["DifferenceOut"]> {
    const params = { path: { id }, query: { other } };
    return data(api.GET("/api/v1/analyses/{id}/difference", { params, signal }));
  }

  disagreement(id: string, other: string, signal: AbortSignal): Promise<Schemas["DisagreementOut"]> {
    const params = { path: { id }, query: { other } };
    return data(api.GET("/api/v1/analyses/{id}/disagreement", { params, signal }));
  }

  /** A group's nearest exemplars, of this or another circuit. */
  exemplars(
    circuit: string,
    group: GroupId,
    limit: number,
    signal: AbortSignal,
  ): Promise<Page<Schemas["ExemplarOut"]>> {
    const params = { path: { id: circuit, ...placeOf(group) }, query: { limit } };
    return data(api.GET("/api/v1/circuits/{id}/groups/{layer}/{number}/exemplars", { params, signal }));
  }

  /** Circuits of a class of a network, the newest first. */
  circuits(network: string, className: string, signal: AbortSignal): Promise<Page<Schemas["CircuitCard"]>> {
    return data(api.GET("/api/v1/circuits", { params: { query: { network, class: className } }, signal }));
  }

  /** Requests a circuit. The same request returns the same circuit. */
  trace(wanted: Schemas["CircuitIn"], signal: AbortSignal): Promise<Schemas["CircuitCard"]> {
    return data(api.POST("/api/v1/circuits", { body: wanted, signal }));
  }
}
