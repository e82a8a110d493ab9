/** The state of a network's or data set's inspection, with a button to re-run it. */

import { isAtLeast, whoAmI } from "../account/me";
import { h } from "../base/dom";
import { attempt } from "../base/load";
import { Widget } from "../base/widget";
import { JobLine } from "../jobs/job_line";
import type { Job } from "../jobs/watch_jobs";
import type { Entry, Registry } from "./registry";
import "./inspection.css";

export class Inspection extends Widget<{ changed: Entry }> {
  private readonly line: JobLine;
  private readonly words = h("div", { class: "inspection-words" });
  readonly element: HTMLElement;

  constructor(
    private readonly registry: Registry,
    private entry: Entry,
  ) {
    super();
    this.line = new JobLine(registry.job, `inspection of ${entry.name}`);
    this.element = h("div", { class: "inspection" }, this.line.element, this.words);
    this.show(entry);
    void whoAmI().then((me) => {
      this.line.mayCancel = isAtLeast(me, "editor");
      this.line.showSummary(this.entry.job, this.entry.state);
    });
  }

  show(entry: Entry): void {
    this.entry = entry;
    this.line.showSummary(entry.job, entry.state);
    const { problem } = entry.job;
    const ended = entry.state === "failed" || entry.state === "cancelled";
    this.words.replaceChildren(...(ended ? this.failed(problem?.title, problem?.detail) : []));
    this.element.hidden = entry.state === "succeeded";
  }

  /** Shows the progress of the inspection. */
  showJob({ id, state, stage, fraction, remaining_seconds, cancel_requested, problem }: Job): void {
    const job = { id, stage, fraction, remaining_seconds, cancel_requested, problem };
    this.show({ ...this.entry, state, job });
  }

  private failed(title?: string, detail?: string): Node[] {
    const again = h("button", { type: "button", hidden: true }, "Re-run");
    void whoAmI().then((me) => (again.hidden = !isAtLeast(me, "editor")));
    again.addEventListener("click", () => void this.again(again));
    const cancelled = this.entry.state === "cancelled";
    const said = title ?? (cancelled ? "Inspection cancelled" : "Inspection failed");
    const box = h("div", { class: "inspection-problem", role: "note" }, h("strong", {}, said));
    if (!cancelled && detail) box.append(h("p", {}, detail));
    return [box, again];
  }

  private async again(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    const done = await attempt(async () => {
      const entry = await this.registry.inspect(this.entry.id);
      this.show(entry);
      this.emit("changed", entry);
    });
    if (!done) button.disabled = false;
  }
}
