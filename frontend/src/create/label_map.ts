/** Labels of the data set that match no class of the network. Each is mapped to one, which is saved with the data set. */

import { api, data, type Schemas } from "../api/client";
import { h } from "../base/dom";
import { count } from "../base/format";
import { attempt } from "../base/load";
import { Widget } from "../base/widget";
import type { SharedClasses } from "../circuit/shared_classes";
import "./label_map.css";

type Dataset = Schemas["DatasetOut"];
type Unmatched = SharedClasses["unmatched"][number];

const SHOWN = 12;
const INTRO = "Choose the class that a label stands for. The choice is saved with the data set.";
const LOCKED = "You can’t change this data set. Ask its owner to map these labels to classes.";

export class LabelMap extends Widget<{ saved: Dataset }> {
  readonly element: HTMLDetailsElement;
  private dataset: Dataset | null = null;
  private shared: SharedClasses | null = null;
  private whole = false;
  private saved = false;
  private readonly summary = h("summary", {});
  private readonly intro = h("p", { class: "small quiet-text" });
  private readonly rows = h("ul", {});
  private readonly more = h("button", { type: "button", class: "quiet" });
  private readonly names = h("datalist", { id: "label-map-classes" });

  constructor() {
    super();
    this.element = h(
      "details",
      { class: "label-map", hidden: true },
      this.summary,
      this.intro,
      this.rows,
      this.more,
      this.names,
    );
    this.more.addEventListener("click", () => {
      this.whole = true;
      this.render();
      this.rows.querySelectorAll("input")[SHOWN]?.focus();
    });
  }

  /** Shows the labels of `dataset`; unfolds them if `open`. Null hides them. */
  show(dataset: Dataset | null, shared: SharedClasses | null, open: boolean): void {
    if (dataset?.id !== this.dataset?.id) this.whole = false;
    this.dataset = dataset;
    this.shared = shared;
    if (open) this.element.open = true;
    this.render();
    // The saved field is gone: the next one gets the focus.
    if (this.saved) (this.rows.querySelector("input") ?? this.summary).focus();
    this.saved = false;
  }

  private render(): void {
    const { dataset, shared } = this;
    const unmatched = shared?.unmatched ?? [];
    const mapped = this.mapped();
    this.element.hidden = !dataset || !shared || unmatched.length + mapped.length === 0;
    if (!dataset || !shared || this.element.hidden) return;
    this.summary.textContent = [
      unmatched.length > 0 ? `${count(unmatched.length, "label")} without a class` : "",
      mapped.length > 0 ? `${count(mapped.length, "label")} mapped to a class` : "",
    ]
      .filter(Boolean)
      .join(", ");
    this.intro.textContent = dataset.may_change ? INTRO : LOCKED;
    this.names.replaceChildren(...shared.classes.map(({ shown }) => h("option", { value: shown })));
    const rows = [
      ...unmatched.map((label, place) => () => this.unmatchedRow(label, place, dataset.may_change)),
      ...mapped.map(
        ([label, name]) =>
          () =>
            this.mappedRow(label, name, dataset.may_change),
      ),
    ];
    const shown = this.whole ? rows : rows.slice(0, SHOWN);
    this.rows.replaceChildren(...shown.map((row) => row()));
    this.more.hidden = shown.length === rows.length;
    this.more.textContent = `Show all ${rows.length.toLocaleString("en")} labels`;
  }

  /** The labels of the data set that the class map maps to a class of this network. */
  private mapped(): [string, string][] {
    const found = new Map(
      this.shared?.classes.flatMap((one) => one.labels.map((label) => [label, one.shown] as const)),
    );
    return Object.keys(this.dataset?.class_map ?? {}).flatMap((label) => {
      const shown = found.get(label);
      return shown === undefined ? [] : [[label, shown] as [string, string]];
    });
  }

  private unmatchedRow({ name, images, reason }: Unmatched, place: number, mayChange: boolean): HTMLElement {
    const id = `label-map-${place}`;
    const why = h("span", { class: "small quiet-text label-why", id: `${id}-why` }, reason);
    const size = h("span", { class: "small quiet-text number" }, count(images, "image"));
    if (!mayChange) return h("li", {}, h("span", { class: "label-name" }, name), size, why);
    const input = h("input", {
      id,
      list: this.names.id,
      placeholder: "Choose a class",
      autocomplete: "off",
      "aria-label": `Class of the label ${name}`,
      "aria-describedby": `${id}-why`,
    });
    input.addEventListener("change", () => {
      const text = input.value.trim();
      const chosen = this.shared?.classes.find(({ shown }) => shown === text);
      input.setAttribute("aria-invalid", String(text !== "" && !chosen));
      if (chosen) void this.save({ ...this.dataset?.class_map, [name]: chosen.name });
      else why.textContent = text ? `The network has no class “${text}”. Choose one from the list.` : reason;
    });
    return h("li", {}, h("label", { class: "label-name", for: id }, name), size, h("span", {}, "→ "), input, why);
  }

  private mappedRow(label: string, shown: string, mayChange: boolean): HTMLElement {
    const remove = h(
      "button",
      { type: "button", class: "quiet", "aria-label": `Remove the class of ${label}` },
      "Remove",
    );
    remove.addEventListener("click", () => {
      const others = Object.entries(this.dataset?.class_map ?? {}).filter(([other]) => other !== label);
      void this.save(Object.fromEntries(others));
    });
    const name = h("span", { class: "label-name" }, label);
    return h("li", { class: "mapped" }, name, h("span", {}, `→ ${shown}`), mayChange ? remove : null);
  }

  private async save(class_map: Record<string, string>): Promise<void> {
    const { dataset } = this;
    if (!dataset) return;
    const fields = this.rows.querySelectorAll<HTMLInputElement | HTMLButtonElement>("input, button");
    for (const field of fields) field.disabled = true;
    const saved = await attempt(async () => {
      const params = { path: { id: dataset.id } };
      const changed = await data(api.PATCH("/api/v1/datasets/{id}", { params, body: { class_map } }));
      this.saved = true;
      this.emit("saved", changed);
    });
    if (!saved) for (const field of fields) field.disabled = false;
  }
}
