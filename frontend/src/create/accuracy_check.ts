/** The network's accuracy on the data set, or a button to measure it. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { count, percent } from "../base/format";
import { Latest } from "../base/latest";
import { attempt } from "../base/load";
import { Widget } from "../base/widget";
import { LiveProgress } from "../jobs/live_progress";
import { OPEN_STATES } from "../jobs/watch_jobs";

type Evaluation = Schemas["EvaluationOut"];

export class AccuracyCheck extends Widget<{ measured: Evaluation }> {
  readonly element = h("div", { class: "accuracy-check" });
  private readonly latest = new Latest();
  private live: LiveProgress | null = null;

  /** Loads the accuracy of this pair; null for one that is not chosen yet. */
  async show(network: string | null, dataset: string | null): Promise<void> {
    const signal = this.latest.next();
    this.live?.close();
    this.live = null;
    this.element.replaceChildren();
    if (!network || !dataset) return;
    const read = async () => {
      const params = { query: { network, dataset, limit: 1 } };
      const [latest] = (await data(api.GET("/api/v1/evaluations", { params, signal }))).items;
      if (!latest) return this.offer(network, dataset, "The network’s accuracy on this data set is not measured yet.");
      const path = { id: latest.id };
      this.showEvaluation(await data(api.GET("/api/v1/evaluations/{id}", { params: { path }, signal })));
    };
    await attempt(read, { signal, report: ({ message }) => this.offer(network, dataset, message) });
  }

  private showEvaluation(evaluation: Evaluation): void {
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
    this.live = new LiveProgress(evaluation.job.id, evaluation.job);
    this.live.on("finished", () => void this.show(evaluation.network.id, evaluation.dataset.id));
    this.element.replaceChildren(this.live.element);
  }

  private offer(network: string, dataset: string, text: string): void {
    const button = h("button", { type: "button" }, "Measure accuracy");
    button.addEventListener("click", () => void this.request(network, dataset, button));
    this.element.replaceChildren(h("p", { class: "small quiet-text" }, text), button);
  }

  private async request(network: string, dataset: string, button: HTMLButtonElement): Promise<void> {
    const signal = this.latest.next();
    button.disabled = true;
    const request = async () => {
      const evaluation = await data(api.POST("/api/v1/evaluations", { body: { network, dataset } }));
      if (!signal.aborted) this.showEvaluation(evaluation);
    };
    await attempt(request, { signal, report: ({ message }) => this.offer(network, dataset, message) });
  }
}
