/** The network's accuracy on the data set, or a button to measure it. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { count, percent } from "../base/format";
import { Widget } from "../base/widget";
import { LiveProgress } from "../jobs/live_progress";
import { OPEN_STATES } from "../jobs/watch_jobs";
import { problemText } from "./sources";

type Evaluation = Schemas["EvaluationOut"];

export class AccuracyCheck extends Widget<{ measured: Evaluation }> {
  readonly element = h("div", { class: "accuracy-check" });
  private asked = 0;
  private live: LiveProgress | null = null;

  /** Looks for what was measured of this pair; nulls where one is not chosen yet. */
  async show(network: string | null, dataset: string | null): Promise<void> {
    const asked = this.begin();
    if (!network || !dataset) return;
    try {
      const query = { params: { query: { network, dataset, limit: 1 } } };
      const [latest] = (await data(api.GET("/api/v1/evaluations", query))).items;
      if (asked !== this.asked) return;
      if (!latest) this.offer(network, dataset, "The network’s accuracy on this data set is not measured yet.");
      else await this.read(latest.id, asked);
    } catch (error) {
      if (asked === this.asked) this.offer(network, dataset, problemText(error));
    }
  }

  private begin(): number {
    this.live?.close();
    this.live = null;
    this.element.replaceChildren();
    this.asked += 1;
    return this.asked;
  }

  private async read(id: string, asked: number): Promise<void> {
    const evaluation = await data(api.GET("/api/v1/evaluations/{id}", { params: { path: { id } } }));
    if (asked === this.asked) this.tell(evaluation);
  }

  private tell(evaluation: Evaluation): void {
    const { network, dataset, state, accuracy, images, job } = evaluation;
    if (OPEN_STATES.has(state)) {
      this.follow(evaluation);
      return;
    }
    if (state !== "succeeded") {
      const why = state === "failed" ? (job.problem?.detail ?? "") : "The job was cancelled.";
      this.offer(network.id, dataset.id, `Measuring the accuracy failed. ${why}`);
      return;
    }
    if (!evaluation.current) {
      this.offer(network.id, dataset.id, "Labels were mapped to other classes since the accuracy was measured.");
      return;
    }
    const text =
      accuracy === null
        ? "No class of the data set matches a class of the network, so the accuracy is unknown."
        : `Accuracy: ${percent(accuracy, accuracy === 1 ? 0 : 1)} of ${count(images ?? 0, "image")}.`;
    this.element.replaceChildren(h("p", { class: "small quiet-text" }, text));
    this.emit("measured", evaluation);
  }

  private follow(evaluation: Evaluation): void {
    const asked = this.asked;
    this.live = new LiveProgress(evaluation.job.id, evaluation.job);
    this.live.on("finished", () => {
      if (asked === this.asked) void this.show(evaluation.network.id, evaluation.dataset.id);
    });
    this.element.replaceChildren(this.live.element);
  }

  private offer(network: string, dataset: string, text: string): void {
    const button = h("button", { type: "button" }, "Measure accuracy");
    button.addEventListener("click", () => void this.request(network, dataset, button));
    this.element.replaceChildren(h("p", { class: "small quiet-text" }, text), button);
  }

  private async request(network: string, dataset: string, button: HTMLButtonElement): Promise<void> {
    const asked = this.asked;
    button.disabled = true;
    try {
      const evaluation = await data(api.POST("/api/v1/evaluations", { body: { network, dataset } }));
      if (asked === this.asked) this.tell(evaluation);
    } catch (error) {
      if (asked === this.asked) this.offer(network, dataset, problemText(error));
    }
  }
}
