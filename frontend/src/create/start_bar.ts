/** The foot of the page: the estimate, what is missing, and the button that starts. */

import { narrowerWords } from "../account/narrower";
import { type VisibilityChoice, USUAL } from "../account/visibility_fields";
import { api, data, type Problem, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { count, duration } from "../base/format";
import { Latest } from "../base/latest";
import { attempt } from "../base/load";
import { Widget } from "../base/widget";
import { circuitBody, type Ready } from "./request";
import "./start_bar.css";

type Estimate = Schemas["Estimate"];

const PAUSE_MS = 350;
const LONG_SECONDS = 600;

export class StartBar extends Widget<{ start: null; refused: Problem }> {
  readonly element: HTMLElement;
  private readonly latest = new Latest();
  private pause = 0;
  private label = "Compute circuit";
  private readonly button = h("button", { type: "button", class: "primary" }, "Compute circuit");
  private readonly time = h("p", { class: "start-time" });
  private readonly size = h("p", { class: "start-size small quiet-text number" });
  private readonly warning = h("p", { class: "start-warning small" });

  constructor() {
    super();
    this.button.addEventListener("click", () => this.emit("start", null));
    const words = h("div", { class: "start-told", role: "status" }, this.time, this.size, this.warning);
    this.element = h("section", { class: "start-bar", "aria-label": "Estimate and start" }, words, this.button);
  }

  /** Shows what is missing, or the estimate of a complete request. */
  show(ready: Ready | string, chosen: VisibilityChoice = USUAL): void {
    clearTimeout(this.pause);
    const signal = this.latest.next();
    const number = typeof ready === "string" ? 1 : ready.classes.length;
    this.label = number > 1 ? `Compute ${number.toLocaleString("en")} circuits` : "Compute circuit";
    this.button.textContent = this.label;
    this.button.disabled = typeof ready === "string";
    if (typeof ready === "string") {
      this.say(ready);
      return;
    }
    this.pause = window.setTimeout(() => void this.estimate(ready, chosen, signal), PAUSE_MS);
  }

  /** Disables the button while the request runs. */
  busy(on: boolean): void {
    this.button.disabled = on;
    this.button.textContent = on ? "Starting…" : this.label;
  }

  /** Shows a text instead of the estimate. */
  say(time: string, size = "", warning = ""): void {
    this.time.textContent = time;
    this.size.textContent = size;
    this.warning.textContent = warning;
  }

  private async estimate(ready: Ready, chosen: VisibilityChoice, signal: AbortSignal): Promise<void> {
    const read = async () => {
      const body = { ...circuitBody(ready), ...chosen };
      const estimate = await data(api.POST("/api/v1/circuits/estimate", { body, signal }));
      const { time, size, warning } = estimateWords(estimate, ready.classes.length);
      this.say(time, size, warning);
    };
    const report = (problem: Problem) => {
      this.say("The duration can’t be estimated.", problem.message);
      if (problem.status !== 422) return;
      this.button.disabled = true;
      this.emit("refused", problem);
    };
    await attempt(read, { signal, report });
  }
}

/** An estimate in words, for `circuits` of that size. */
export function estimateWords(estimate: Estimate, circuits: number): { time: string; size: string; warning: string } {
  const { images, patches, layers, neurons, measured, narrower } = estimate;
  const seconds = estimate.seconds === null ? null : estimate.seconds * circuits;
  const each = circuits > 1 ? "each: " : "";
  return {
    time:
      seconds === null
        ? "The duration is not known yet. The progress shows it when the job runs."
        : `About ${duration(seconds)} on this server, based on ${count(measured, "earlier circuit")}.`,
    size: `${each}${[
      `up to ${count(images, "image")}`,
      count(patches, "patch", "patches"),
      count(layers.length, "layer"),
      `at most ${count(neurons, "neuron")}`,
    ].join(", ")}`,
    warning: [
      narrowerWords(narrower, {}, "Some users who can see the circuit"),
      seconds !== null && seconds > LONG_SECONDS
        ? "This takes long. Use fewer images, windows or layers to shorten it. You can cancel it at any time."
        : "",
    ]
      .filter(Boolean)
      .join(" "),
  };
}
