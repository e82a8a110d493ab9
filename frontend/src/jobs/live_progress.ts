/** The progress of a job: stages, share, time left, reason to wait, and a button to cancel it. */

import { isAtLeast, whoAmI } from "../account/me";
import { api, data, type Schemas, unlessGone } from "../api/client";
import { h } from "../base/dom";
import { duration } from "../base/format";
import { attempt, optional } from "../base/load";
import { Widget } from "../base/widget";
import { stageCount, stageWords, timeLeft } from "./stage_words";
import { type Job, OPEN_STATES, watchJobs } from "./watch_jobs";
import "./live_progress.css";

type JobSummary = Schemas["JobSummary"];

const RETRY_MS = 4000;
const HINT_MS = 1500;
const HINT_AGAIN_MS = 10_000;

interface LiveProgressEvents {
  /** The job changed. */
  change: Job;
  /** The job ended: it succeeded, failed or was cancelled. Emitted once. */
  finished: Job;
  /** Whether the server is connected. */
  connection: boolean;
}

export class LiveProgress extends Widget<LiveProgressEvents> {
  readonly element: HTMLElement;
  private readonly life = new AbortController();
  private watch = new AbortController();
  private retry = 0;
  private hint = 0;
  private readonly now = h("strong", { class: "live-now", role: "status" });
  private readonly share = h("span", { class: "live-share number" });
  private readonly bar = h("progress", { max: 1, "aria-label": "Progress" });
  private readonly counted = h("span", { class: "number" });
  private readonly left = h("span", { class: "number" });
  private readonly note = h("p", { class: "live-note", hidden: true });
  private readonly lost = h("p", { class: "live-lost", role: "status" });
  private readonly cancel = h("button", { type: "button", class: "live-cancel" }, "Cancel");
  private readonly stages = h("ol", {
    class: "live-stages",
    "aria-label": "Stages done",
    tabindex: 0, // it may scroll
    hidden: true,
  });

  /** Watches the job `jobId`; shows `initial` until the server sends its state. */
  constructor(
    private readonly jobId: string,
    initial?: JobSummary,
  ) {
    super();
    this.element = h(
      "section",
      { class: "live", "aria-label": "Progress" },
      h("div", { class: "live-head" }, this.now, this.share),
      this.bar,
      h("div", { class: "live-foot small" }, this.counted, this.left, this.cancel),
      this.note,
      this.lost,
      this.stages,
    );
    this.cancel.addEventListener("click", () => void this.stop());
    this.showSummary(initial);
    this.listen();
  }

  /** Stops watching. The job continues. */
  close(): void {
    this.life.abort();
    this.watch.abort();
    clearTimeout(this.retry);
    clearTimeout(this.hint);
  }

  private listen(): void {
    this.watch = new AbortController();
    const watcher = {
      job: (job: Job, ended: boolean) => this.hear(job, ended),
      connection: (there: boolean) => this.hearConnection(there),
    };
    watchJobs(this.jobId, watcher, this.watch.signal);
  }

  private hear(job: Job, ended: boolean): void {
    if (this.life.signal.aborted) return;
    this.show(job);
    this.emit("change", job);
    if (!ended) return;
    this.close();
    this.emit("finished", job);
  }

  private hearConnection(there: boolean): void {
    if (this.life.signal.aborted) return;
    this.lost.textContent = there ? "" : "Connection lost. Reconnecting… The job keeps running.";
    this.emit("connection", there);
    clearTimeout(this.retry);
    if (!there) this.retry = window.setTimeout(() => void this.reconnect(), RETRY_MS);
  }

  /** Needed because browsers give up after a response that is not a stream, as from a server that is starting. */
  private async reconnect(): Promise<void> {
    const { signal } = this.life;
    const read = async () => {
      const job = await unlessGone(data(api.GET("/api/v1/jobs/{id}", { params: { path: { id: this.jobId } } })));
      if (signal.aborted) return;
      if (!job) return this.showGone();
      this.watch.abort();
      this.lost.textContent = "";
      if (!OPEN_STATES.has(job.state)) return this.hear(job, true);
      this.show(job);
      this.listen();
    };
    const retry = () => (this.retry = window.setTimeout(() => void this.reconnect(), RETRY_MS));
    await attempt(read, { signal, report: retry });
  }

  private async stop(): Promise<void> {
    this.cancel.disabled = true;
    const asked = await attempt(async () => {
      const path = { params: { path: { id: this.jobId } } };
      const job = await data(api.POST("/api/v1/jobs/{id}/cancel", path));
      if (!this.life.signal.aborted) this.hear(job, !OPEN_STATES.has(job.state));
    });
    if (!asked) this.cancel.disabled = false;
  }

  private showSummary(job?: JobSummary): void {
    if (!job) {
      this.say("Connecting…");
      this.bar.removeAttribute("value");
      return;
    }
    this.say(job.cancel_requested ? "Cancelling…" : job.stage ? stageWords(job.stage) : "Queued");
    this.showShare(job.fraction, job.remaining_seconds);
    this.cancel.disabled = job.cancel_requested;
  }

  private show(job: Job): void {
    this.element.dataset.state = job.state;
    this.showStages(job);
    this.say(headline(job));
    this.cancel.hidden = !OPEN_STATES.has(job.state);
    this.cancel.disabled = job.cancel_requested;
    this.cancel.textContent = job.cancel_requested ? "Cancelling…" : "Cancel";
    const running = job.state === "running";
    this.counted.textContent = running && job.stage ? stageCount(job.stage, job.done, job.total) : "";
    this.showShare(job.fraction, running && !job.cancel_requested ? job.remaining_seconds : null);
    this.bar.hidden = this.share.hidden = !OPEN_STATES.has(job.state);
    this.showNote(job);
  }

  private showShare(fraction: number, remaining: number | null): void {
    this.bar.value = fraction;
    // Rounded down: 100 % would mean that the job has ended.
    this.share.textContent = `${Math.floor(100 * Math.min(fraction, 0.999))} %`;
    this.left.textContent = timeLeft(remaining);
  }

  private showStages(job: Job): void {
    const done = job.stages.map(({ stage, seconds }) =>
      h("li", {}, h("span", {}, stageWords(stage, job.kind)), h("span", { class: "number" }, spent(seconds))),
    );
    if (done.length === this.stages.childElementCount) return;
    this.stages.replaceChildren(...done);
    this.stages.hidden = done.length === 0;
    this.stages.scrollTop = this.stages.scrollHeight;
  }

  /** Shows why the job failed, waits or was retried. */
  private showNote(job: Job): void {
    clearTimeout(this.hint);
    const problem = job.problem && job.state !== "cancelled" ? job.problem : null;
    if (job.state === "failed") this.sayNote(problem?.detail || "The server did not report a reason.");
    else if (problem) this.sayNote(`Retrying after an error: ${problem.title}. ${problem.detail}`);
    else this.sayNote("");
    if (job.state === "queued" && !job.cancel_requested) {
      this.hint = window.setTimeout(() => void this.showHint(job.queue), HINT_MS);
    }
  }

  private async showHint(queue: string): Promise<void> {
    const lacks = await lacksWorker(queue);
    if (this.life.signal.aborted || this.element.dataset.state !== "queued") return;
    this.sayNote(
      lacks
        ? `No worker is running. Start one with \`neurflow worker --queue ${queue}\`.`
        : "Starts when a worker is free.",
    );
    this.hint = window.setTimeout(() => void this.showHint(queue), HINT_AGAIN_MS);
  }

  private showGone(): void {
    this.close();
    this.element.dataset.state = "gone";
    this.say("This job no longer exists");
    this.lost.textContent = "";
    this.sayNote("It was deleted or started again. Reload the page.");
    this.cancel.hidden = this.bar.hidden = this.share.hidden = true;
  }

  private say(text: string): void {
    // Unchanged text is not set again, as screen readers would repeat it.
    if (this.now.textContent !== text) this.now.textContent = text;
  }

  private sayNote(text: string): void {
    // The server's texts contain commands between backticks.
    const parts = text.split("`").map((part, place) => (place % 2 ? h("code", {}, part) : part));
    this.note.replaceChildren(...parts);
    this.note.hidden = text === "";
  }
}

function headline(job: Job): string {
  if (job.state === "succeeded") return `Done in ${spent(job.stages.reduce((sum, { seconds }) => sum + seconds, 0))}`;
  if (job.state === "failed") return job.problem?.title || "Failed";
  if (job.state === "cancelled") return "Cancelled";
  if (job.cancel_requested) return "Cancelling…";
  if (job.state === "queued") return "Queued";
  return job.stage ? stageWords(job.stage, job.kind) : "Starting";
}

function spent(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

/**
 * Whether no worker of `queue` is alive; false if that is unknown.
 *
 * Read from the metrics: `/readyz` would respond with 503, which browsers log as an error of the page.
 */
export async function lacksWorker(queue: string): Promise<boolean> {
  // Only administrators can read the metrics.
  if (!isAtLeast(await whoAmI(), "admin")) return false;
  // The event stream reports a lost connection.
  const text = await optional(data(api.GET("/metrics", { parseAs: "text" })));
  const line = (text ?? "").split("\n").find((one) => one.startsWith(`neurflow_workers{queue="${queue}"}`));
  return line !== undefined && Number(line.split(" ")[1]) === 0;
}
