/** The progress of a job in a line, with a button to cancel it. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { percent } from "../base/format";
import { attempt } from "../base/load";
import { Widget } from "../base/widget";
import { type JobKind, stageWords, timeLeft } from "./stage_words";
import { type Job, OPEN_STATES } from "./watch_jobs";
import "./job_line.css";

type Shown = Pick<Job, "id" | "state" | "stage" | "fraction" | "remaining_seconds" | "cancel_requested">;

export class JobLine extends Widget<{ cancelled: Job }> {
  private readonly stage = h("span", { class: "job-stage" });
  private readonly left = h("span", { class: "job-left number quiet-text" });
  private readonly bar = h("progress", { max: 1, "aria-label": "Progress" });
  private readonly cancel = h("button", { type: "button", class: "quiet job-cancel" }, "Cancel");
  readonly element = h(
    "div",
    { class: "job-line" },
    h("p", { class: "job-words small" }, this.stage, this.left),
    h("p", { class: "job-bar" }, this.bar, this.cancel),
  );
  /** Whether the user can cancel it. */
  mayCancel = true;
  private job = "";

  /** `kind` determines the names of the stages; `what` names the subject for screen readers. */
  constructor(
    private readonly kind: JobKind,
    what: string,
  ) {
    super();
    this.cancel.setAttribute("aria-label", `Cancel: ${what}`);
    this.cancel.addEventListener("click", () => void this.end());
  }

  /** Shows the job of a card. */
  showSummary(job: Schemas["JobSummary"], state: Schemas["JobState"]): void {
    this.show({ ...job, state });
  }

  /** Shows a job; hides the line if it has ended. */
  show(job: Shown): void {
    this.job = job.id;
    this.element.hidden = !OPEN_STATES.has(job.state);
    this.cancel.disabled = job.cancel_requested;
    this.cancel.hidden = !this.mayCancel;
    const waiting = job.state === "queued";
    this.stage.textContent = job.cancel_requested
      ? "Cancelling…"
      : waiting || !job.stage
        ? "Queued"
        : stageWords(job.stage, this.kind);
    this.left.textContent = waiting || job.cancel_requested ? "" : timeLeft(job.remaining_seconds);
    if (waiting) this.bar.removeAttribute("value");
    else this.bar.value = job.fraction;
    this.bar.title = waiting ? "" : percent(job.fraction);
  }

  private async end(): Promise<void> {
    this.cancel.disabled = true;
    const done = await attempt(async () => {
      const job = await data(api.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id: this.job } } }));
      this.show(job);
      this.emit("cancelled", job);
    });
    if (!done) this.cancel.disabled = false;
  }
}
