/** A group's exemplars, nearest first. Each can be enlarged. */

import { h } from "../../base/dom";
import { count } from "../../base/format";
import { PagedList } from "../../base/paged_list";
import { Widget } from "../../base/widget";
import type { Exemplar, Page } from "../../circuit/answers";
import type { Context } from "../../circuit/inspector_widget";
import { capital } from "../../circuit/scene";
import type { GroupId } from "../../circuit/types";
import { ExemplarDialog } from "./exemplar_dialog";
import { LookSwitch } from "./look_switch";
import { PatchView } from "./patch_view";
import { recomputeHint } from "./recompute_hint";
import "./exemplar_grid.css";

export class ExemplarGrid extends Widget {
  readonly element: HTMLElement;
  private readonly grid = h("ol", { class: "exemplars" });
  private readonly paged: PagedList<Exemplar>;
  private readonly control: LookSwitch;
  private readonly shown: { exemplar: Exemplar; view: PatchView }[] = [];
  private highest = 0;

  /** `first` is the first page of them. */
  constructor(
    private readonly context: Context,
    group: GroupId,
    private readonly name: string,
    first: Page<Exemplar>,
  ) {
    super();
    this.control = new LookSwitch(context.look, context.signal);
    const options = {
      page: (cursor: string | null, signal: AbortSignal) => context.answers.exemplars(group, cursor, signal),
      row: (exemplar: Exemplar) => this.item(exemplar),
      came: (page: Page<Exemplar>) => this.came(page),
      none: () => "No exemplars.",
    };
    this.paged = new PagedList(this.grid, options, context.signal);
    const places = context.scene.overview.layers.find((layer) => layer.name === context.scene.layerOf(group))?.shape;
    const mapped = first.items.some((exemplar) => exemplar.heat_map);
    // Layers with a feature map have heat maps, except in circuits that an earlier version computed.
    const hint = !mapped && (places?.length ?? 0) > 1 && recomputeHint(context.answers.circuit, "Heat maps");
    this.element = h("div", {}, mapped && this.control.element, this.grid, this.paged.foot, hint);
    this.paged.add(first);
  }

  private came(page: Page<Exemplar>): void {
    this.highest = Math.max(this.highest, ...page.items.map((exemplar) => exemplar.heat_map?.highest ?? 0));
    for (const { view } of this.shown) view.compareWith(this.highest);
    this.control.highest = this.highest;
  }

  private item(exemplar: Exemplar): HTMLElement {
    const index = this.shown.length;
    const { look, signal } = this.context;
    const view = new PatchView(exemplar, "", look, this.highest, signal);
    this.shown.push({ exemplar, view });
    const said = `Exemplar ${index + 1} of ${this.name}, activation ${exemplar.activation.toFixed(2)}: enlarge`;
    const open = h("button", { type: "button", class: "exemplar", "aria-label": said }, view.element);
    open.title = `${exemplar.image.name}\nactivation ${exemplar.activation.toFixed(2)}`;
    open.addEventListener("click", () => this.open(index));
    return h("li", {}, open);
  }

  private open(index: number): void {
    const exemplars = this.shown.map(({ exemplar }) => exemplar);
    const title = `${capital(this.name)}: ${count(exemplars.length, "exemplar")}`;
    new ExemplarDialog(title, exemplars, index, this.context.look, this.highest);
  }
}
