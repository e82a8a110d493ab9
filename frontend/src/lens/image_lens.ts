/** The image lens: holds the open analysis, running uploads, and the list of saved ones. */

import { at } from "../api/address";
import { unlessGone } from "../api/client";
import { copyLink } from "../base/clipboard";
import { h } from "../base/dom";
import { load } from "../base/load";
import { Widget } from "../base/widget";
import type { Context } from "../circuit/inspector_widget";
import type { Analysis, AnalysisCard, GroupId, FinishedAnalysis, Overview } from "../circuit/types";
import { Start } from "./analysis_list";
import { AnalysisView } from "./analysis_view";
import { DatasetDialog } from "./dataset_dialog";
import { DatasetPictures } from "./dataset_pictures";
import { groupInImage } from "./group_in_image";
import { LensApi } from "./lens_api";
import type { LensContext } from "./lens_context";
import { NewAnalysis } from "./new_analysis";
import { OpenAnalysis } from "./open_analysis";
import { openDefinition } from "./section_term";

interface LensEvents {
  /** The analysis to open; null to close it. */
  open: string | null;
  /** The open analysis changed, so that the graph must be updated. */
  change: undefined;
  /** This circuit has no analysis with this id. */
  unknown: string;
  select: GroupId;
  hover: GroupId | null;
  touch: ReadonlySet<GroupId> | null;
  /** Shows a group in the inspector. */
  inspect: GroupId;
}

export class ImageLens extends Widget<LensEvents> {
  private readonly body = h("div", {});
  private readonly upload: NewAnalysis;
  readonly element: HTMLElement;
  private readonly api: LensApi;
  private id: string | null | undefined = undefined;
  private computed: string | null;
  /** An analysis that is already loaded, and will be opened. */
  private fresh: Analysis | null = null;
  private view: AnalysisView | null = null;
  private chosen: readonly GroupId[] = [];
  private life = new AbortController();
  /** The open analysis, if it is finished. */
  finished: FinishedAnalysis | null = null;

  /** `mayInspect`: whether the user can inspect further images. */
  constructor(
    private overview: Overview,
    private readonly mayInspect = true,
  ) {
    super();
    this.api = new LensApi(overview.id);
    this.computed = overview.computed_at;
    this.upload = new NewAnalysis(this.api);
    this.upload.on("finished", (analysis) => this.open(analysis));
    this.element = h("div", { class: "lens" }, this.upload.element, this.body);
  }

  /** Shows an analysis; for null, the ways to inspect an image. */
  show(overview: Overview, id: string | null, chosen: readonly GroupId[]): void {
    const again = overview.computed_at !== this.computed;
    this.overview = overview;
    this.computed = overview.computed_at;
    if (id !== this.id || again) this.turn(id);
    if (chosen.join("\n") === this.chosen.join("\n")) return;
    this.chosen = chosen;
    this.view?.choose(chosen);
  }

  /** Highlights groups that the pointer is on in the graph. */
  hovered(groups: readonly GroupId[]): void {
    this.view?.hover(groups);
  }

  /** Releases the pinned place, as the panel shows something else. */
  away(): void {
    this.view?.release();
  }

  /** Inspects the user's own file. */
  take(file: File): void {
    this.element.scrollIntoView({ block: "start" });
    void this.upload.file(file);
  }

  /** A group in the open image, for the inspector; null without an image. */
  groupInImage(id: GroupId, context: Context): HTMLElement | null {
    const group = this.finished?.reading.groups.find((each) => each.id === id);
    return this.finished && group ? groupInImage(this.finished, { define: openDefinition }, group, context) : null;
  }

  private turn(id: string | null): void {
    this.life.abort();
    this.life = new AbortController();
    this.id = id;
    this.view = null;
    this.emit("touch", null);
    this.tell(null);
    const focused = this.body.contains(document.activeElement);
    if (id === null) this.showStart();
    else void this.load(id);
    // The focused element is gone: the panel gets the focus.
    if (focused) this.element.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
  }

  private showStart(): void {
    const start = new Start(this.api, this.overview, this.life.signal, this.mayInspect);
    start.on("file", (file) => this.take(file));
    start.on("browse", () => this.browse());
    start.on("open", (card) => this.open(card));
    this.body.replaceChildren(start.element);
    start.refresh();
  }

  private async load(id: string): Promise<void> {
    const { signal } = this.life;
    const known = this.fresh?.id === id ? this.fresh : null;
    this.fresh = null;
    const content = async () => {
      // With 422, the address holds a text that is no id.
      const found = known ?? (await unlessGone(this.api.analysis(id, signal), [404, 422]));
      if (signal.aborted) return [];
      if (found?.circuit.id === this.overview.id) return [this.opened(found)];
      this.emit("unknown", id);
      return [];
    };
    const waiting = h("p", { class: "quiet-text", role: "status" }, "Loading the image…");
    await load(this.body, content, { signal, waiting });
  }

  private opened(analysis: Analysis): HTMLElement {
    const opened = new OpenAnalysis(analysis, this.api, this.life.signal);
    opened.on("close", () => this.emit("open", null));
    opened.on("copy", () => void copyLink());
    opened.on("finished", (finished) => {
      this.view = this.viewOf(finished);
      opened.body.replaceChildren(this.view.element);
      this.tell(finished);
    });
    return opened.element;
  }

  private viewOf(analysis: FinishedAnalysis): AnalysisView {
    const context: LensContext = {
      analysis,
      overview: this.overview,
      api: this.api,
      signal: this.life.signal,
      select: (group) => this.emit("select", group),
      selected: () => (this.chosen.length === 1 ? (this.chosen[0] ?? null) : null),
      hover: (group) => {
        this.view?.hover(group === null ? [] : [group]);
        this.emit("hover", group);
      },
      open: (card) => this.open(card),
      define: openDefinition,
    };
    const view = new AnalysisView(context);
    view.on("touch", (groups) => this.emit("touch", groups));
    view.on("inspect", (group) => this.emit("inspect", group));
    view.choose(this.chosen);
    return view;
  }

  private open(analysis: Analysis | AnalysisCard): void {
    if (analysis.circuit.id !== this.overview.id) {
      location.assign(at(`/circuits/${analysis.circuit.id}?v=1&panel=image&analysis=${analysis.id}`));
      return;
    }
    this.fresh = "reading" in analysis ? analysis : null;
    if (analysis.id === this.id) this.turn(analysis.id);
    else this.emit("open", analysis.id);
  }

  private browse(): void {
    const pictures = DatasetPictures.of(this.overview);
    if (!pictures) return;
    const dialog = new DatasetDialog(pictures, this.overview.class);
    dialog.on("pick", ({ position, name }) => void this.upload.picture(pictures.dataset, position, name));
  }

  private tell(finished: FinishedAnalysis | null): void {
    if (finished === this.finished) return;
    this.finished = finished;
    this.emit("change", undefined);
  }
}
