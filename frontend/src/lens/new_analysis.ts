/** Inspects an image: uploads it, shows progress, and reports why an image is rejected. */

import { Problem } from "../api/client";
import { h } from "../base/dom";
import { percent } from "../base/format";
import { attempt, optional } from "../base/load";
import type { Sent } from "../base/upload";
import { Widget } from "../base/widget";
import { refusal, unfit } from "../circuit/section_words";
import type { Analysis } from "../circuit/types";
import { LiveProgress } from "../jobs/live_progress";
import { OPEN_STATES } from "../jobs/watch_jobs";
import type { LensApi } from "./lens_api";
import "./new_analysis.css";

/** The problem type for images that cannot be read. */
const BAD_UPLOAD = "bad-upload";

type Ask = (sent: Sent, signal: AbortSignal) => Promise<Analysis>;

export class NewAnalysis extends Widget<{ finished: Analysis }> {
  private readonly words = h("span", { class: "lens-looking-words", role: "status" });
  /** Not in the status line, as screen readers would read every step. */
  private readonly share = h("span", { class: "number quiet-text" });
  private readonly bar = h("progress", { max: 1, "aria-label": "Upload" });
  private readonly stop = h("button", { type: "button", class: "quiet" }, "Cancel");
  private readonly close = h("button", { type: "button", class: "quiet", "aria-label": "Dismiss" }, "✕");
  private readonly line = h(
    "div",
    { class: "lens-looking-line", hidden: true },
    this.words,
    this.bar,
    this.share,
    this.stop,
    this.close,
  );
  private readonly job = h("div", {});
  readonly element = h("div", { class: "lens-looking" }, this.line, this.job);
  private life = new AbortController();

  constructor(private readonly api: LensApi) {
    super();
    this.stop.addEventListener("click", () => this.give());
    this.close.addEventListener("click", () => this.give());
  }

  /** Inspects the user's own file. */
  file(file: File): Promise<void> {
    const why = unfit(file);
    if (why !== null) {
      this.give();
      this.say(why);
      return Promise.resolve();
    }
    return this.run(file.name, (sent, signal) => this.api.upload(file, sent, signal));
  }

  /** Inspects a picture of a data set. */
  picture(dataset: string, position: number, name: string): Promise<void> {
    return this.run(name, (sent, signal) => {
      sent(1);
      return this.api.request({ image: { dataset, position } }, signal);
    });
  }

  private async run(name: string, ask: Ask): Promise<void> {
    this.give();
    const { signal } = this.life;
    this.progress(name, 0);
    const inspect = async () => {
      const sent: Sent = (share) => !signal.aborted && this.progress(name, share);
      await this.settle(await ask(sent, signal), signal);
    };
    await attempt(inspect, { signal, report: (problem) => this.say(refusal(name, problem)) });
  }

  private async settle(analysis: Analysis, signal: AbortSignal): Promise<void> {
    let found = analysis;
    this.line.hidden = true;
    if (OPEN_STATES.has(found.state)) {
      await this.follow(found, signal);
      found = await this.api.analysis(found.id, signal);
    }
    this.job.replaceChildren();
    if (found.state === "succeeded") {
      this.emit("finished", found);
      return;
    }
    const { problem } = found.job;
    // Unreadable images, and analyses that the user cancelled, are not saved.
    if (found.state === "cancelled" || problem?.type === BAD_UPLOAD) await optional(this.api.remove(found.id));
    if (found.state === "cancelled") return;
    throw new Problem(-1, problem?.title ?? "The image could not be inspected", problem?.detail ?? "");
  }

  private follow(analysis: Analysis, signal: AbortSignal): Promise<void> {
    const live = new LiveProgress(analysis.job.id, analysis.job);
    this.job.replaceChildren(live.element);
    return new Promise((resolve, reject) => {
      const stop = () => {
        live.close();
        reject(new DOMException("Another image was chosen", "AbortError"));
      };
      signal.addEventListener("abort", stop, { once: true });
      live.on("finished", () => {
        signal.removeEventListener("abort", stop);
        resolve();
      });
    });
  }

  /** Stops the upload, or watching the job, and removes the message. */
  private give(): void {
    this.life.abort();
    this.life = new AbortController();
    this.line.hidden = true;
    this.job.replaceChildren();
  }

  private progress(name: string, share: number): void {
    this.show(true);
    if (share < 1) this.bar.value = share;
    else this.bar.removeAttribute("value");
    this.tell(share < 1 ? `Uploading ${name}` : `Inspecting ${name}…`);
    this.share.textContent = share < 1 ? percent(share) : "";
  }

  private say(text: string): void {
    this.job.replaceChildren();
    this.show(false);
    this.tell(text);
    this.share.textContent = "";
  }

  /** Unchanged text is not set again, as screen readers would repeat it. */
  private tell(text: string): void {
    if (this.words.textContent !== text) this.words.textContent = text;
  }

  private show(going: boolean): void {
    this.line.hidden = false;
    this.line.classList.toggle("bad", !going);
    this.bar.hidden = this.stop.hidden = !going;
    this.close.hidden = going;
  }
}
