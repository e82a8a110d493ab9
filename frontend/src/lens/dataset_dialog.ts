/**
 * Chooses an image of the data set: predicted correctly, predicted as the class by mistake, or missed.
 */

import { openDialog } from "../base/dialog";
import { h } from "../base/dom";
import { load } from "../base/load";
import { PagedList } from "../base/paged_list";
import { picture } from "../base/picture";
import { Tabs } from "../base/tabs";
import { Widget } from "../base/widget";
import { chance } from "../circuit/section_words";
import { LiveProgress } from "../jobs/live_progress";
import { OPEN_STATES } from "../jobs/watch_jobs";
import type { DatasetPicture, DatasetPictures, Evaluation, Wanted } from "./dataset_pictures";
import "./dataset_dialog.css";

const KNOWN: readonly Wanted[] = ["right", "taken", "missed"];

export class DatasetDialog extends Widget<{ pick: DatasetPicture }> {
  readonly element: HTMLDialogElement;
  private readonly about = h("p", { class: "small quiet-text" });
  private readonly grid = h("ul", { class: "lens-pictures" });
  private readonly paged: PagedList<DatasetPicture>;
  private readonly offer: EvaluationOffer;
  private readonly tabs: Tabs;
  private readonly closed = new AbortController();
  private wanted: Wanted = "any";

  /** `name` is the circuit's class. */
  constructor(
    private readonly pictures: DatasetPictures,
    private readonly name: string,
  ) {
    super();
    this.offer = new EvaluationOffer(pictures, this.closed.signal);
    this.offer.on("known", (known) => this.known(known));
    const options = {
      page: (cursor: string | null, signal: AbortSignal) => this.pictures.page(this.wanted, cursor, signal),
      row: (image: DatasetPicture) => this.tile(image),
      none: () => this.none(),
    };
    this.paged = new PagedList(this.grid, options, this.closed.signal);
    const panel = h("div", {}, this.about, this.grid, this.paged.foot);
    const labels: Record<string, string> = {
      right: "Correct",
      taken: "False positives",
      missed: "Missed",
    };
    this.tabs = new Tabs(
      "Images",
      KNOWN.map((one) => ({ name: one, label: labels[one] ?? one, panel })),
    );
    this.tabs.on("choose", (chosen) => this.choose(KNOWN.find((one) => one === chosen) ?? "right"));
    this.tabs.element.hidden = true;
    this.element = openDialog(
      `Images from the data set: “${name}”`,
      [this.offer.element, this.tabs.element, panel],
      () => {
        this.closed.abort();
      },
    );
    this.element.classList.add("lens-dataset");
    this.element.addEventListener("keydown", (event) => event.stopPropagation());
    void this.offer.ask();
  }

  /** Shows the tabs if the predictions are known. */
  private known(known: boolean): void {
    this.tabs.element.hidden = !known;
    this.choose(known ? "right" : "any");
  }

  private choose(wanted: Wanted): void {
    this.wanted = wanted;
    this.tabs.show(wanted === "any" ? "right" : wanted);
    this.about.textContent = {
      right: `Images of “${this.name}” that are predicted as “${this.name}”.`,
      taken: `Images of other classes that are predicted as “${this.name}”.`,
      missed: `Images of “${this.name}” that are predicted as another class.`,
      any: `Images of “${this.name}”.`,
    }[wanted];
    this.grid.replaceChildren();
    void this.paged.refresh();
  }

  private none(): string {
    return {
      right: `No image of “${this.name}” is predicted correctly.`,
      taken: `No image of another class is predicted as “${this.name}”.`,
      missed: `All images of “${this.name}” are predicted correctly.`,
      any: `The data set has no images of “${this.name}”.`,
    }[this.wanted];
  }

  private tile(image: DatasetPicture): HTMLElement {
    const { label, prediction, name, thumbnail } = image;
    const button = h(
      "button",
      { type: "button", class: "quiet lens-picture", title: name },
      picture(thumbnail, name),
      h("span", { class: "small" }, label ?? "no class"),
      prediction &&
        h("span", { class: "small quiet-text number" }, `→ ${prediction.predicted} ${chance(prediction.probability)}`),
    );
    button.addEventListener("click", () => {
      this.element.close();
      this.emit("pick", image);
    });
    return h("li", {}, button);
  }
}

/** The evaluation of the network on the data set: its progress, or a button to start it. */
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

  /** Loads the latest evaluation, and emits whether the predictions are known. */
  async ask(): Promise<void> {
    await this.fill(async () => {
      const found = await this.pictures.evaluation(this.signal);
      if (this.signal.aborted) return [];
      this.emit("known", found?.state === "succeeded" && found.current);
      return this.contentOf(found);
    });
  }

  private contentOf(found: Evaluation | null): Node[] {
    this.live?.close();
    if (found?.state === "succeeded" && found.current) return [];
    if (found && OPEN_STATES.has(found.state)) return this.follow(found);
    return this.offer(found?.job.problem?.detail ?? null);
  }

  private offer(problem: string | null): Node[] {
    const go = h("button", { type: "button" }, "Evaluate the network");
    go.addEventListener("click", () => void this.start());
    const why = problem === null ? "" : `The last evaluation failed: ${problem} `;
    const text = `${why}The network’s predictions for this data set are not known yet. You can choose any image of the class.`;
    return [h("p", {}, text), h("p", {}, go)];
  }

  private async start(): Promise<void> {
    await this.fill(async () => this.contentOf(await this.pictures.evaluate()));
  }

  private follow(evaluation: Evaluation): Node[] {
    this.live = new LiveProgress(evaluation.job.id, evaluation.job);
    this.live.on("finished", () => void this.ask());
    return [this.live.element];
  }

  private async fill(content: () => Promise<Node[]>): Promise<void> {
    await load(this.element, content, { signal: this.signal, waiting: null });
  }
}
