/** The image inspected with the circuit of one class, which is found or computed on request. */

import { at } from "../api/address";
import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { load } from "../base/load";
import { Widget } from "../base/widget";
import type { NetworkClass } from "../circuit/shared_classes";
import type { FinishedAnalysis } from "../circuit/types";
import { OPEN_STATES } from "../jobs/watch_jobs";
import type { LensContext } from "./lens_context";
import { done, sectionWays } from "./section_ask";

type Circuit = Schemas["CircuitCard"];

export class WhyWrongSide extends Widget {
  readonly element = h("div", { class: "wrong-side" });
  /** The finished analysis. It can wait for the user and for a circuit. */
  readonly analysis: Promise<FinishedAnalysis>;
  private found!: (analysis: FinishedAnalysis) => void;

  constructor(
    private readonly context: LensContext,
    private readonly network: string,
    private readonly wanted: NetworkClass,
    private readonly signal: AbortSignal,
  ) {
    super();
    this.analysis = new Promise((resolve) => {
      this.found = resolve;
    });
    void this.step(() => this.find());
  }

  /** Does a step, which fills the element. If it fails, shows why and a way to try again. */
  private async step(work: () => Promise<void>): Promise<void> {
    const content = async () => {
      await work();
      return [...this.element.childNodes];
    };
    await load(this.element, content, { signal: this.signal, waiting: null, ways: sectionWays(this.context) });
  }

  private async find(): Promise<void> {
    const { analysis, api, overview } = this.context;
    const { name, shown, index } = this.wanted;
    if (analysis.reading.target.index === index) return this.found(analysis);
    this.say(`Finding a circuit of “${shown}”…`);
    const { items } = await api.circuits(this.network, name, this.signal);
    if (this.signal.aborted) return;
    const same = ({ dataset }: Circuit) => dataset?.id === overview.dataset?.id;
    const ready = items.filter((circuit) => circuit.computed_at !== null);
    const circuit = ready.find(same) ?? ready[0];
    const coming = items.find((one) => OPEN_STATES.has(one.state) && same(one));
    if (circuit) await this.inspect(circuit.id);
    else if (coming) await this.follow(coming);
    else this.offer();
  }

  private offer(): void {
    const { overview } = this.context;
    const { shown } = this.wanted;
    const text = `There is no circuit of “${shown}” yet. Compute one to compare the groups of both classes.`;
    const { dataset } = overview;
    if (!dataset) {
      const query = new URLSearchParams({ network: this.network, class: this.wanted.name });
      const to = h("a", { class: "button", href: at(`/circuits/new?${query}`) }, `Compute circuit of ${shown}…`);
      return this.element.replaceChildren(h("p", {}, text), h("p", {}, to));
    }
    const button = h("button", { type: "button" }, `Compute circuit of ${shown}`);
    button.addEventListener("click", () => {
      button.disabled = true;
      void this.step(() => this.compute(dataset.id));
    });
    const how = "It uses the same data set and parameters as this circuit.";
    this.element.replaceChildren(h("p", {}, text), h("p", { class: "small quiet-text" }, how), h("p", {}, button));
  }

  private async compute(dataset: string): Promise<void> {
    const { api, overview } = this.context;
    const body = {
      network: this.network,
      dataset,
      class: this.wanted.name,
      parameters: overview.parameters as Schemas["TraceParameters"],
    };
    await this.follow(await api.trace(body, this.signal));
  }

  private async follow(circuit: Circuit): Promise<void> {
    const about = h("p", { class: "small quiet-text" }, `Computing the circuit of “${this.wanted.shown}”`);
    const progress = h("div");
    this.element.replaceChildren(about, progress);
    await done(circuit, async () => this.newest(circuit), progress, this.signal);
    await this.inspect(circuit.id);
  }

  private async newest(circuit: Circuit): Promise<Circuit> {
    const { items } = await this.context.api.circuits(this.network, this.wanted.name, this.signal);
    return items.find(({ id }) => id === circuit.id) ?? circuit;
  }

  private async inspect(circuit: string): Promise<void> {
    const { analysis, api } = this.context;
    this.say(`Inspecting the image with the circuit of “${this.wanted.shown}”…`);
    const place = h("div");
    this.element.append(place);
    let first = await api.request({ circuit, analysis: analysis.id }, this.signal);
    // An analysis with a previous version of the circuit.
    if (first.state === "succeeded" && !first.current) first = await api.repeat(first.id);
    const found = await done(first, () => api.analysis(first.id, this.signal), place, this.signal);
    if (this.signal.aborted || !found.reading) return;
    this.element.replaceChildren();
    this.found({ ...found, reading: found.reading });
  }

  private say(text: string): void {
    this.element.replaceChildren(h("p", { class: "quiet-text", role: "status" }, text));
  }
}
