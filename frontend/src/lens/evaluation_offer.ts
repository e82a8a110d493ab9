/** Whether the network was run over the data set's pictures; where not, a button that has that done. */

import { h } from "../base/dom";
import { problemMessage, told } from "../base/message";
import { Widget } from "../base/widget";
import { LiveProgress } from "../jobs/live_progress";
import { OPEN_STATES } from "../jobs/watch_jobs";
import type { DatasetPictures, Evaluation } from "./dataset_pictures";

export class EvaluationOffer extends Widget<{ known: boolean }> {
  readonly element = h("div", { class: "lens-offer" });
  private live: LiveProgress | null = null;

  constructor(
    private readonly pictures: DatasetPictures,
    private readonly signal: AbortSignal,
  ) {
    super();
    signal.addEventListener("abort", () => this.live?.close());
  }

  /** Looks for an evaluation, and tells whether there is one. */
  async ask(): Promise<void> {
    await this.tried(
      async () => {
        const found = await this.pictures.evaluation(this.signal);
        if (this.signal.aborted) return;
        this.take(found);
        this.emit("known", found?.state === "succeeded");
      },
      () => void this.ask(),
    );
  }

  private take(found: Evaluation | null): void {
    this.live?.close();
    if (found?.state === "succeeded") this.element.replaceChildren();
    else if (found && OPEN_STATES.has(found.state)) this.follow(found);
    else this.offer(found?.job.problem?.detail ?? null);
  }

  private offer(problem: string | null): void {
    const go = h("button", { type: "button" }, "Find out what the network says of the pictures");
    go.addEventListener("click", () => void this.start());
    const why = problem === null ? "" : `The last try failed: ${problem} `;
    const text = `${why}It is not known yet which of the data set’s pictures the network gets right. Any of the class can be taken.`;
    this.element.replaceChildren(h("p", {}, text), h("p", {}, go));
  }

  private async start(): Promise<void> {
    await this.tried(
      async () => this.take(await this.pictures.evaluate()),
      () => void this.start(),
    );
  }

  private follow(evaluation: Evaluation): void {
    this.live = new LiveProgress(evaluation.job.id, evaluation.job);
    this.live.on("finished", () => void this.ask());
    this.element.replaceChildren(this.live.element);
  }

  private async tried(work: () => Promise<void>, again: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.signal.aborted && told(error)) this.element.replaceChildren(problemMessage(error, again));
    }
  }
}
