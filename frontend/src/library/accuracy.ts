/** Accuracies of networks on data sets: results, running evaluations, and a button to start one. */

import { at } from "../api/address";
import { isAtLeast, whoAmI } from "../account/me";
import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { count, percent } from "../base/format";
import { attempt } from "../base/load";
import { Widget } from "../base/widget";
import { JobLine } from "../jobs/job_line";
import type { Job } from "../jobs/watch_jobs";
import type { Kind } from "./registry";
import "./accuracy.css";

type Card = Schemas["EvaluationCard"];

const OPEN: ReadonlySet<string> = new Set(["queued", "running"]);

export class Accuracy extends Widget<{ known: Card[] }> {
  private readonly rows = h("ul", { class: "accuracy-rows" });
  private readonly choice = h("select", {});
  private readonly begin = h("button", { type: "button" }, "Evaluate");
  private readonly form = h("p", { class: "accuracy-new" }, this.choice, this.begin);
  private readonly note = h("p", { class: "small quiet-text" });
  readonly element = h("div", { class: "accuracy" }, this.rows, this.note, this.form);
  private cards: Card[] = [];
  private lines = new Map<string, JobLine>();
  private readonly other: Kind;
  private mayAsk = true;

  /** Lists the accuracies of the network or data set `id`; `mine` says which of the two it is. */
  constructor(
    private readonly mine: Kind,
    private readonly id: string,
  ) {
    super();
    this.other = mine === "networks" ? "datasets" : "networks";
    this.choice.setAttribute("aria-label", this.other === "datasets" ? "Data set" : "Network");
    this.begin.addEventListener("click", () => void this.ask(this.choice.value));
  }

  /** Loads the list. */
  async load(): Promise<void> {
    const query = { limit: 200, ...(this.mine === "networks" ? { network: this.id } : { dataset: this.id }) };
    const read = async () => {
      const [page, others, me] = await Promise.all([
        data(api.GET("/api/v1/evaluations", { params: { query } })),
        this.others(),
        whoAmI(),
      ]);
      this.mayAsk = isAtLeast(me, "editor");
      this.cards = page.items;
      this.offer(others);
      this.show();
      this.emit("known", this.cards);
    };
    await attempt(read, { report: ({ message }) => (this.note.textContent = message) });
  }

  /** Updates the list with a changed job. Returns whether the job is in the list. */
  hear(job: Job, ended: boolean): boolean {
    if (job.kind !== "evaluate") return false;
    const known = this.lines.get(job.subject);
    known?.show(job);
    if (ended && this.cards.some(({ id }) => id === job.subject)) void this.load();
    return known !== undefined;
  }

  private async others(): Promise<Schemas["Named"][]> {
    const query = { limit: 200, sort: "name" as const, state: "succeeded" as const };
    const page =
      this.other === "datasets"
        ? await data(api.GET("/api/v1/datasets", { params: { query } }))
        : await data(api.GET("/api/v1/networks", { params: { query } }));
    return page.items;
  }

  private offer(others: readonly Schemas["Named"][]): void {
    const tried = new Set(this.cards.filter(({ state }) => state === "succeeded" || OPEN.has(state)).map(this.otherOf));
    const left = others.filter(({ id }) => !tried.has(id));
    const options = left.map(({ id, name }) => h("option", { value: id }, name));
    const first = this.other === "datasets" ? "Choose a data set" : "Choose a network";
    this.choice.replaceChildren(h("option", { value: "" }, first), ...options);
    this.choice.onchange = () => this.mayBegin();
    this.mayBegin();
    this.form.hidden = left.length === 0 || !this.mayAsk;
    const none =
      this.mine === "networks"
        ? "Not evaluated yet. Choose a data set to measure this network’s accuracy."
        : "Not evaluated yet. Choose a network to measure its accuracy on this data set.";
    this.note.textContent = this.cards.length > 0 ? "" : none;
  }

  private mayBegin(): void {
    this.begin.disabled = this.choice.value === "";
  }

  private readonly otherOf = (card: Card): string => (this.other === "datasets" ? card.dataset.id : card.network.id);

  private show(): void {
    this.lines.clear();
    this.rows.replaceChildren(...this.cards.map((card) => this.row(card)));
  }

  private row(card: Card): HTMLElement {
    const named = this.other === "datasets" ? card.dataset : card.network;
    const link = h("a", { href: at(`/${this.other}/${named.id}`) }, named.name);
    if (OPEN.has(card.state)) {
      const line = new JobLine("evaluate", `evaluation of ${named.name}`);
      line.mayCancel = this.mayAsk;
      line.showSummary(card.job, card.state);
      line.on("cancelled", () => void this.load());
      this.lines.set(card.id, line);
      return h("li", {}, link, line.element);
    }
    const again = h("button", { type: "button", hidden: !this.mayAsk }, "Re-run");
    again.addEventListener("click", () => void this.ask(named.id));
    if (card.accuracy !== null && card.current) return h("li", {}, link, ...figures(card.accuracy, card.images));
    if (card.state === "succeeded" && !card.current) {
      const old = h("span", { class: "small quiet-text" }, "Outdated: labels were mapped to other classes.");
      return h("li", { class: "failed" }, link, old, again);
    }
    const reason = card.state === "cancelled" ? "Cancelled." : (card.job.problem?.detail ?? "Failed.");
    return h("li", { class: "failed" }, link, h("span", { class: "small accuracy-problem" }, reason), again);
  }

  private async ask(other: string): Promise<void> {
    if (!other) return;
    const [network, dataset] = this.mine === "networks" ? [this.id, other] : [other, this.id];
    this.begin.disabled = true;
    await attempt(async () => {
      await data(api.POST("/api/v1/evaluations", { body: { network, dataset } }));
      await this.load();
    });
    this.mayBegin();
  }
}

/** An accuracy as a number and a bar. */
export function figures(accuracy: number, images: number | null): HTMLElement[] {
  const bar = h("meter", { min: 0, max: 1, value: accuracy, "aria-label": "Accuracy" });
  const words = h("span", { class: "number" }, percent(accuracy, 1));
  if (images !== null) words.title = `${Math.round(accuracy * images)} of ${count(images, "image")} correct`;
  return [bar, words];
}
