/** The page of a data set: classes, images with predictions, circuits. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { attempt, load } from "../base/load";
import { JobStream } from "../jobs/job_stream";
import type { Job } from "../jobs/watch_jobs";
import { Accuracy } from "./accuracy";
import { ClassTable } from "./class_table";
import { EntryHead } from "./entry_head";
import { ImageBrowser } from "./image_browser";
import { ImageFilters } from "./image_filters";
import { type ImageQuery, readImageQuery, writeImageQuery } from "./image_query";
import { leftOutFiles } from "./left_out";
import { part } from "./network_page";
import { OwnCircuits } from "./own_circuits";
import type { Dataset } from "./registry";
import "./entry_page.css";

export class DatasetPage {
  readonly element = h("div", { class: "entry-page dataset" });
  private readonly body = h("div", {});
  private readonly parts = h("div", { class: "entry-parts" });
  private readonly accuracy: Accuracy;
  private readonly circuits: OwnCircuits;
  private readonly browser: ImageBrowser;
  private readonly filters: ImageFilters;
  private readonly pictures: HTMLElement;
  private head: EntryHead | null = null;
  private table: ClassTable | null = null;
  private query = readImageQuery(location.search);
  private evaluated: Schemas["EvaluationCard"][] = [];
  private measured = "";
  private drawn = "";

  constructor(
    private readonly id: string,
    signal: AbortSignal,
    private readonly open: (address: string) => void = (address) => location.assign(address),
  ) {
    const stream = new JobStream(signal);
    this.accuracy = new Accuracy("datasets", id);
    this.circuits = new OwnCircuits("dataset", id);
    this.browser = new ImageBrowser(id, signal);
    this.filters = new ImageFilters(id, this.query);
    this.pictures = part("Images", "", this.filters.element, this.browser.element);
    this.pictures.classList.add("dataset-pictures");
    this.element.append(stream.element, this.body);
    stream.on("job", ({ job, ended }) => this.hear(job, ended));
    stream.on("back", () => void this.load());
    this.accuracy.on("known", (cards) => this.know(cards));
    this.filters.on("change", (query) => this.ask(query));
    this.browser.on("clear", () => this.ask({ ...this.query, class: "", split: "", outcome: "" }));
    window.addEventListener("popstate", () => this.show(readImageQuery(location.search)), { signal });
    void this.load();
  }

  private async load(): Promise<void> {
    const content = async () => {
      this.showDataset(await data(api.GET("/api/v1/datasets/{id}", { params: { path: { id: this.id } } })));
      return [...this.body.children];
    };
    const ways = () => [{ label: "All data sets", to: "/datasets" }];
    if (await load(this.body, content, { waiting: null, ways, again: () => void this.load() })) return;
    this.head = null;
    this.drawn = "";
  }

  private showDataset(dataset: Dataset): void {
    document.title = `${dataset.name} · NeurFlow Explorer`;
    if (this.head) this.head.show(dataset);
    else {
      this.head = new EntryHead("datasets", dataset);
      this.head.on("changed", () => void this.load());
      this.head.on("deleted", () => this.open("/datasets"));
      this.body.replaceChildren(this.head.element, this.parts);
    }
    const key = `${dataset.digest} ${dataset.state} ${JSON.stringify(dataset.left_out)}`;
    if (key === this.drawn) return;
    this.drawn = key;
    if (dataset.digest === null) this.parts.replaceChildren();
    else this.draw(dataset);
  }

  private draw(dataset: Dataset): void {
    const table = new ClassTable(dataset);
    table.on("choose", (name) => this.choose(name));
    this.table = table;
    this.measured = "";
    const beside = h(
      "div",
      { class: "dataset-side" },
      part("Classes", "", table.element, ...leftOutFiles(dataset)),
      part("Accuracy", "", this.accuracy.element),
      part("Circuits", "", this.circuits.element),
    );
    this.parts.replaceChildren(beside, this.pictures);
    void this.circuits.load();
    // The images are loaded after the evaluations, which tell the network whose predictions are shown.
    void this.accuracy.load();
  }

  private know(cards: Schemas["EvaluationCard"][]): void {
    this.evaluated = cards.filter(({ accuracy }) => accuracy !== null);
    this.filters.offer(this.evaluated.map(({ network }) => network));
    this.show(this.query);
  }

  private choose(name: string): void {
    this.ask({ ...this.query, class: name });
    // On narrow pages, the images are below the classes.
    if (this.pictures.getBoundingClientRect().top > 0.8 * window.innerHeight) this.pictures.scrollIntoView();
  }

  private ask(query: ImageQuery): void {
    history.pushState({}, "", location.pathname + writeImageQuery(query));
    this.show(query);
  }

  private show(query: ImageQuery): void {
    this.query = query;
    const network = query.network || this.evaluated[0]?.network.id || "";
    const shown = { ...query, network };
    this.filters.show(shown);
    this.table?.mark(query.class);
    const filtered = Boolean(query.class || query.split || query.outcome);
    void this.browser.show(shown, filtered);
    void this.measure(network);
  }

  private async measure(network: string): Promise<void> {
    const id = this.evaluated.find((card) => card.network.id === network)?.id ?? "";
    if (id === this.measured) return;
    this.measured = id;
    await attempt(async () => {
      const found = id && (await data(api.GET("/api/v1/evaluations/{id}", { params: { path: { id } } })));
      this.table?.measure(found ? found.classes : []);
    });
  }

  private hear(job: Job, ended: boolean): void {
    this.accuracy.hear(job, ended);
    this.circuits.hear(job, ended);
    if (job.kind !== "inspect_dataset" || job.subject !== this.id) return;
    this.head?.inspection.showJob(job);
    if (ended) void this.load();
  }
}
