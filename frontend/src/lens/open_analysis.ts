/** An open analysis in any state: running, failed, or finished. */

import { at } from "../api/address";
import type { Problem } from "../api/client";
import { h } from "../base/dom";
import { attempt } from "../base/load";
import { Menu } from "../base/menu";
import { message, problemMessage } from "../base/message";
import { askName } from "../base/name_dialog";
import { toast } from "../base/toast";
import { Widget } from "../base/widget";
import type { Analysis, FinishedAnalysis } from "../circuit/types";
import { LiveProgress } from "../jobs/live_progress";
import { OPEN_STATES } from "../jobs/watch_jobs";
import { confirmRemoval } from "./analysis_list";
import type { LensApi } from "./lens_api";
import "./open_analysis.css";

interface OpenAnalysisEvents {
  /** The analysis is finished. */
  finished: FinishedAnalysis;
  close: undefined;
  copy: undefined;
}

export class OpenAnalysis extends Widget<OpenAnalysisEvents> {
  /** The place for the result. */
  readonly body = h("div", {});
  readonly element = h("div", {});

  constructor(
    private analysis: Analysis,
    private readonly api: LensApi,
    private readonly signal: AbortSignal,
  ) {
    super();
    this.take(analysis);
  }

  /** Shows a new state of the analysis. */
  private take(analysis: Analysis): void {
    this.analysis = analysis;
    const head = this.head();
    this.body.replaceChildren();
    if (OPEN_STATES.has(analysis.state)) this.element.replaceChildren(head, this.progress());
    else if (analysis.state !== "succeeded" || !analysis.reading) this.element.replaceChildren(head, this.failed());
    else {
      this.element.replaceChildren(head, ...this.outdated(), this.body);
      const finished = { ...analysis, reading: analysis.reading };
      // Deferred, so that listeners can be added after the constructor.
      queueMicrotask(() => !this.signal.aborted && this.emit("finished", finished));
    }
  }

  private head(): HTMLElement {
    const head = new AnalysisHead(this.analysis);
    head.on("close", () => this.emit("close", undefined));
    head.on("copy", () => this.emit("copy", undefined));
    head.on("rename", () => void attempt(() => this.rename(head)));
    head.on("remove", () => void attempt(() => this.remove()));
    return head.element;
  }

  private progress(): HTMLElement {
    const live = new LiveProgress(this.analysis.job.id, this.analysis.job);
    this.signal.addEventListener("abort", () => live.close());
    live.on("finished", () => void this.reload());
    return live.element;
  }

  private async reload(): Promise<void> {
    const { signal } = this;
    const read = async () => {
      const found = await this.api.analysis(this.analysis.id, signal);
      if (!signal.aborted) this.take(found);
    };
    const report = (problem: Problem) => {
      const failed = problemMessage(problem, () => void this.reload());
      this.element.replaceChildren(this.head(), failed);
    };
    await attempt(read, { signal, report });
  }

  private failed(): HTMLElement {
    const { problem } = this.analysis.job;
    const cancelled = this.analysis.state === "cancelled" || !problem;
    const title = cancelled ? "Not inspected" : problem.title;
    const text = cancelled ? "The job was cancelled." : problem.detail;
    return message(title, text, [{ label: "Re-run", to: () => void attempt(() => this.again()) }]);
  }

  /** A note if the circuit was recomputed since. */
  private outdated(): HTMLElement[] {
    if (this.analysis.current) return [];
    const rerun = h("button", { type: "button" }, "Re-run");
    rerun.addEventListener("click", () => void attempt(() => this.again()));
    const text = "The circuit was recomputed. These results are from its previous version.";
    return [h("p", { class: "lens-outdated", role: "status" }, h("span", {}, text), rerun)];
  }

  private async again(): Promise<void> {
    const found = await this.api.repeat(this.analysis.id);
    if (!this.signal.aborted) this.take(found);
  }

  private async rename(head: AnalysisHead): Promise<void> {
    const name = await askName("Rename this image", this.analysis.name);
    if (name === null) return;
    await this.api.rename(this.analysis.id, name);
    this.analysis = { ...this.analysis, name };
    head.rename(name);
  }

  private async remove(): Promise<void> {
    if (!(await confirmRemoval(this.analysis))) return;
    await this.api.remove(this.analysis.id);
    toast(`Deleted “${this.analysis.name}”.`);
    this.emit("close", undefined);
  }
}

interface HeadEvents {
  rename: undefined;
  copy: undefined;
  remove: undefined;
  close: undefined;
}

const FORMS = ["json", "csv", "html"] as const;

/** The head of an open image: its name, a menu, and a button that closes it. */
export class AnalysisHead extends Widget<HeadEvents> {
  readonly element: HTMLElement;
  private readonly name: HTMLElement;

  constructor(private readonly analysis: Analysis) {
    super();
    const done = analysis.reading !== null;
    const menu = new Menu("this image", () => [
      { name: "rename", label: "Rename" },
      { name: "copy", label: "Copy link" },
      ...(done ? FORMS.map((form) => ({ name: form, label: `Export as ${form.toUpperCase()}` })) : []),
      { name: "remove", label: "Delete", danger: true },
    ]);
    menu.on("choose", (name) => this.chosen(name));
    const close = h("button", { type: "button", class: "quiet", "aria-label": "Close this image" }, "✕");
    close.title = "Back to all images";
    close.addEventListener("click", () => this.emit("close", undefined));
    this.name = h("h2", {}, analysis.name);
    this.element = h("header", { class: "lens-head" }, this.name, menu.element, close);
  }

  rename(name: string): void {
    this.name.textContent = name;
  }

  private chosen(name: string): void {
    const form = FORMS.find((one) => one === name);
    if (form) this.download(form);
    else if (name === "rename" || name === "copy" || name === "remove") this.emit(name, undefined);
  }

  private download(form: string): void {
    const link = h("a", {
      href: at(`/api/v1/analyses/${this.analysis.id}/export/${form}`),
      download: true,
      hidden: true,
    });
    this.element.append(link);
    link.click();
    link.remove();
  }
}
