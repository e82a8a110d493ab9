/** An inspected image: prediction, all groups with their scores, and where they fire. */

import { h } from "../base/dom";
import { count } from "../base/format";
import { Widget } from "../base/widget";
import { placeOf } from "../circuit/scene";
import type { GroupId, FinishedAnalysis } from "../circuit/types";
import { firingAt, lightest, strongestOf } from "./firing_places";
import { GroupList } from "./group_list";
import { GroupsAtPlace } from "./groups_at_place";
import { ImageStage } from "./image_stage";
import type { LensContext } from "./lens_context";
import { termButton } from "./section_term";
import { lensSections, sectionLinks } from "./sections";
import { topClasses } from "./top_classes";
import "./analysis_view.css";

export class AnalysisView extends Widget<{ touch: ReadonlySet<GroupId> | null; inspect: GroupId }> {
  readonly element: HTMLElement;
  private readonly stage: ImageStage;
  private readonly list: GroupList;
  private readonly caption = h("p", { class: "lens-caption small" });
  private hovered: readonly GroupId[] = [];
  private chosen: readonly GroupId[] = [];

  constructor(private readonly context: LensContext) {
    super();
    const { reading, label } = context.analysis;
    this.stage = new ImageStage(context.analysis);
    this.list = new GroupList(context);
    const here = new GroupsAtPlace(context);
    here.on("release", () => this.stage.release());
    this.stage.on("touch", (touch) => {
      const firing = touch && firingAt(reading, touch.point);
      here.show(firing, touch?.pinned ?? false);
      this.emit("touch", firing && new Set(firing.map(({ group }) => group.id)));
    });
    const sections = [this.list.element, ...lensSections(context)];
    const what = h(
      "div",
      {},
      h("p", { class: "small" }, summaryOf(context.analysis)),
      this.stage.element,
      this.caption,
      here.element,
      label !== null && h("p", { class: "small" }, "True class: ", h("strong", {}, label), "."),
      topClasses(context),
      sectionLinks(sections),
    );
    this.element = h("div", { class: "lens-analysis" }, what, ...sections);
    this.show();
  }

  /** Highlights the groups under the pointer, here or in the graph. */
  hover(groups: readonly GroupId[]): void {
    this.hovered = groups;
    this.show();
  }

  /** Releases the pinned place. */
  release(): void {
    this.stage.release();
  }

  /** Shows the groups that are selected in the graph. */
  choose(groups: readonly GroupId[]): void {
    this.chosen = groups;
    this.list.choose(groups);
    this.show();
  }

  private show(): void {
    const { reading } = this.context.analysis;
    const group = strongestOf(reading, this.hovered) ?? strongestOf(reading, this.chosen);
    this.stage.show(group);
    if (!group) {
      this.caption.replaceChildren(
        "Point at a group to see where it fires, or at the image to see what fires there. Click to pin the place.",
      );
      return;
    }
    const { layer, number } = placeOf(group.id);
    const name = `group ${number} in ${layer}`;
    const details = h("button", { type: "button", class: "lens-term" }, "Details");
    details.addEventListener("click", () => this.emit("inspect", group.id));
    this.caption.replaceChildren(
      termButton(this.context, "place"),
      `: ${name}. The lightest colour is ${lightest(group.place).toFixed(1)} × the activation on its own patches. `,
      this.chosen.includes(group.id) ? details : "",
    );
  }
}

/** How much of the circuit fires. */
function summaryOf({ reading: { groups } }: FinishedAnalysis): string {
  const firing = groups.filter(({ fires }) => fires).length;
  const silent = groups.filter((group) => group.silent).length;
  const fires = `${firing} of ${count(groups.length, "group")} ${firing === 1 ? "fires" : "fire"}`;
  return silent === 0 ? `${fires}.` : `${fires}; ${silent} ${silent === 1 ? "is" : "are"} silent.`;
}
