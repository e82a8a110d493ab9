/** The page of a network: layers, classes, input, circuits, accuracy. */

import { at } from "../api/address";
import { api, data } from "../api/client";
import { h } from "../base/dom";
import { load } from "../base/load";
import { JobStream } from "../jobs/job_stream";
import type { Job } from "../jobs/watch_jobs";
import { Accuracy } from "./accuracy";
import { ClassNames } from "./class_names";
import { EntryHead } from "./entry_head";
import { ladder } from "./ladder";
import { OwnCircuits } from "./own_circuits";
import type { Network } from "./registry";
import "./entry_page.css";

export class NetworkPage {
  readonly element = h("div", { class: "entry-page" });
  private readonly body = h("div", {});
  private head: EntryHead | null = null;
  private readonly accuracy: Accuracy;
  private readonly circuits: OwnCircuits;
  private drawn = "";

  constructor(
    private readonly id: string,
    signal: AbortSignal,
    private readonly open: (address: string) => void = (address) => location.assign(address),
  ) {
    const stream = new JobStream(signal);
    this.accuracy = new Accuracy("networks", id);
    this.circuits = new OwnCircuits("network", id);
    this.element.append(stream.element, this.body);
    stream.on("job", ({ job, ended }) => this.hear(job, ended));
    stream.on("back", () => void this.load());
    void this.load();
  }

  private async load(): Promise<void> {
    const content = async () => {
      this.show(await data(api.GET("/api/v1/networks/{id}", { params: { path: { id: this.id } } })));
      return [...this.body.children];
    };
    const ways = () => [{ label: "All networks", to: at("/networks") }];
    if (await load(this.body, content, { waiting: null, ways, again: () => void this.load() })) return;
    this.head = null;
    this.drawn = "";
  }

  private show(network: Network): void {
    document.title = `${network.name} · NeurFlow Explorer`;
    if (this.head) this.head.show(network);
    else this.begin(network);
    const key = `${network.digest} ${network.layers.length} ${network.state}`;
    if (key === this.drawn) return;
    this.drawn = key;
    const parts = this.body.querySelector(".entry-parts");
    parts?.replaceChildren(...(network.layers.length > 0 ? this.parts(network) : []));
  }

  private begin(network: Network): void {
    const head = new EntryHead("networks", network);
    head.on("changed", () => void this.load());
    head.on("deleted", () => this.open(at("/networks")));
    this.head = head;
    this.body.replaceChildren(head.element, h("div", { class: "entry-parts" }));
  }

  private parts(network: Network): HTMLElement[] {
    void this.accuracy.load();
    void this.circuits.load();
    const link = (name: string) => at(`/?${new URLSearchParams({ network: this.id, class: name })}`);
    const names = new ClassNames(network.classes, link);
    return [
      part("Layers", "wide", ladder(network)),
      part("Circuits", "", this.circuits.element),
      part("Accuracy", "", this.accuracy.element),
      part("Input", "", preprocessing(network)),
      part("Classes", "", names.element),
    ];
  }

  private hear(job: Job, ended: boolean): void {
    this.accuracy.hear(job, ended);
    this.circuits.hear(job, ended);
    if (job.kind !== "inspect_network" || job.subject !== this.id) return;
    this.head?.inspection.showJob(job);
    if (ended) void this.load();
  }
}

/** A part of the page of a network or data set. */
export function part(title: string, width: "wide" | "", ...content: Node[]): HTMLElement {
  return h("section", { class: `entry-part ${width}`, "aria-label": title }, h("h2", {}, title), ...content);
}

function preprocessing({ input_size, resize, mean, std }: Network): HTMLElement {
  const row = (name: string, value: string) => [h("dt", {}, name), h("dd", { class: "number" }, value)];
  const numbers = (values: readonly number[]) => values.map((value) => value.toFixed(3)).join(", ");
  return h(
    "dl",
    { class: "input-facts" },
    ...(resize === null ? [] : row("Shorter side resized to", `${resize} pixels`)),
    ...(input_size === null ? [] : row("Centre crop", `${input_size} × ${input_size} pixels`)),
    ...(mean ? row("Mean of red, green, blue", numbers(mean)) : []),
    ...(std ? row("Standard deviation", numbers(std)) : []),
  );
}
