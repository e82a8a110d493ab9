/** All groups of the circuit with their scores for the image. */

import { h } from "../base/dom";
import { count } from "../base/format";
import { Widget } from "../base/widget";
import type { GroupId, GroupReading } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { groupPictures, groupRow, layersDown } from "./section_group";
import { termButton } from "./section_term";
import "./group_list.css";

type Filter = "all" | "fires" | "silent";
type Order = "percentile" | "name";

const FILTERS: readonly Filter[] = ["all", "fires", "silent"];

export class GroupList extends Widget {
  private readonly rows = h("div", {});
  private readonly filters: HTMLButtonElement[];
  private readonly order = h(
    "select",
    { "aria-label": "Sort groups" },
    h("option", { value: "percentile" }, "by percentile"),
    h("option", { value: "name" }, "by name"),
  );
  readonly element: HTMLElement;
  private readonly pictures: ReadonlyMap<string, string | null>;
  private filter: Filter = "all";
  private chosen: ReadonlySet<GroupId> = new Set();

  constructor(private readonly context: LensContext) {
    super();
    this.pictures = groupPictures(context);
    const { groups } = context.analysis.reading;
    const numbers = {
      all: groups.length,
      fires: groups.filter(({ fires }) => fires).length,
      silent: groups.filter(({ silent }) => silent).length,
    };
    const words = { all: "All", fires: "Fire", silent: "Silent" };
    this.filters = FILTERS.map((filter) => {
      const button = h(
        "button",
        { type: "button" },
        words[filter],
        h("span", { class: "number quiet-text" }, String(numbers[filter])),
      );
      button.addEventListener("click", () => this.show(filter));
      return button;
    });
    this.order.addEventListener("change", () => this.show(this.filter));
    this.element = h(
      "section",
      { class: "lens-groups", "aria-label": "Groups" },
      h(
        "div",
        { class: "lens-groups-tools" },
        h("h3", {}, "Groups"),
        h("div", { class: "segments", role: "group", "aria-label": "Filter groups" }, ...this.filters),
        this.order,
      ),
      h(
        "p",
        { class: "small quiet-text lens-terms" },
        "Terms: ",
        ...(["percentile", "score", "fires", "silent", "place"] as const).flatMap((term, at) => [
          at ? " · " : "",
          termButton(context, term),
        ]),
      ),
      this.rows,
    );
    this.show("all");
  }

  /** Marks what is selected in the graph. */
  choose(groups: readonly GroupId[]): void {
    this.chosen = new Set(groups);
    this.mark();
  }

  private show(filter: Filter): void {
    this.filter = filter;
    FILTERS.forEach((one, at) => this.filters[at]?.setAttribute("aria-pressed", String(one === filter)));
    const layers = layersDown(this.context).flatMap((name) => this.layer(name));
    const none = filter === "silent" ? "No group is silent for this image." : "No group fires for this image.";
    this.rows.replaceChildren(...(layers.length ? layers : [h("p", { class: "quiet-text" }, none)]));
    this.mark();
  }

  private layer(name: string): HTMLElement[] {
    const { filter } = this;
    const all = this.context.analysis.reading.groups.filter((group) => group.layer === name);
    const kept = all.filter((group) => filter === "all" || group[filter]);
    if (kept.length === 0) return [];
    const by: Order = this.order.value === "name" ? "name" : "percentile";
    const sorted = by === "name" ? kept : kept.toSorted(highestFirst);
    const firing = all.filter(({ fires }) => fires).length;
    const about = `${firing} of ${count(all.length, "group")} ${firing === 1 ? "fires" : "fire"}`;
    return [
      h("h4", {}, name, h("span", { class: "small quiet-text" }, about)),
      h(
        "ul",
        { class: "lens-rows" },
        ...sorted.map((group) => groupRow(this.context, group, this.pictures.get(group.id) ?? null)),
      ),
    ];
  }

  private mark(): void {
    for (const row of this.rows.querySelectorAll<HTMLElement>("[data-group]")) {
      row.setAttribute("aria-pressed", String(this.chosen.has(row.dataset.group ?? "")));
    }
  }
}

function highestFirst(one: GroupReading, other: GroupReading): number {
  return (other.percentile ?? -1) - (one.percentile ?? -1) || other.score - one.score;
}
