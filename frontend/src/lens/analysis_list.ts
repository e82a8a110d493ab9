/** The inspected images of a circuit, newest first, and the ways to add one. */

import { confirmDialog } from "../base/dialog";
import { h } from "../base/dom";
import { moment } from "../base/format";
import { attempt } from "../base/load";
import { PagedList } from "../base/paged_list";
import { picture } from "../base/picture";
import { Widget } from "../base/widget";
import { chance } from "../circuit/section_words";
import type { AnalysisCard, Overview } from "../circuit/types";
import { OPEN_STATES } from "../jobs/watch_jobs";
import type { LensApi } from "./lens_api";
import "./analysis_list.css";

export class AnalysisList extends Widget<{ open: AnalysisCard; removed: AnalysisCard }> {
  private readonly list = h("ul", { class: "lens-kept" });
  private readonly kept: PagedList<AnalysisCard>;
  readonly element: HTMLElement;

  constructor(
    private readonly api: LensApi,
    signal: AbortSignal,
  ) {
    super();
    const options = {
      page: (cursor: string | null, signal: AbortSignal) => api.list(cursor, signal),
      row: (card: AnalysisCard) => this.row(card),
      none: () => "No images yet. Images that you inspect are saved here until you delete them.",
    };
    this.kept = new PagedList(this.list, options, signal);
    const label = "Inspected images";
    this.element = h("section", { "aria-label": label }, h("h2", {}, label), this.list, this.kept.foot);
  }

  /** Reloads the list. */
  refresh(): Promise<void> {
    return this.kept.refresh();
  }

  private row(card: AnalysisCard): HTMLElement {
    const frame = card.picture ? picture(card.picture) : h("span", { class: "picture missing" });
    const open = h(
      "button",
      { type: "button", class: "quiet lens-kept-open" },
      frame,
      h(
        "span",
        { class: "lens-kept-words" },
        h("strong", {}, card.name),
        h("span", { class: "small" }, wordsOf(card)),
        h("time", { class: "small quiet-text", datetime: card.created_at }, moment(card.created_at)),
      ),
    );
    open.addEventListener("click", () => this.emit("open", card));
    const remove = h("button", { type: "button", class: "quiet", "aria-label": `Delete ${card.name}` }, "✕");
    remove.title = "Delete this analysis and its image";
    const row = h("li", {}, open, remove);
    remove.addEventListener("click", () => void this.remove(card, row));
    return row;
  }

  private async remove(card: AnalysisCard, row: HTMLElement): Promise<void> {
    if (!(await confirmRemoval(card))) return;
    await attempt(async () => {
      await this.api.remove(card.id);
      row.remove();
      this.kept.changed();
      this.emit("removed", card);
    });
  }
}

/** Asks the user to confirm the deletion of an image. */
export function confirmRemoval({ name }: Pick<AnalysisCard, "name">): Promise<boolean> {
  return confirmDialog(
    `Delete “${name}”?`,
    "The image is deleted, too, and links to the analysis stop working.",
    "Delete",
  );
}

function wordsOf({ state, current, predicted, probability }: AnalysisCard): string {
  if (OPEN_STATES.has(state)) return "in progress";
  if (state !== "succeeded") return state === "cancelled" ? "cancelled" : "failed";
  const found = `${predicted ?? ""} ${probability === null ? "" : chance(probability)}`;
  return current ? found : `${found} · from a previous version of the circuit`;
}

interface StartEvents {
  file: File;
  /** The user wants to browse the data set. */
  browse: undefined;
  open: AnalysisCard;
}

const LOOK =
  "You can open images that others inspected. Ask an administrator for the role of an editor to inspect your own.";

/** The lens without an open image: ways to inspect one, and the inspected ones. */
export class Start extends Widget<StartEvents> {
  readonly element: HTMLElement;
  private readonly kept: AnalysisList;
  private readonly input = h("input", { type: "file", accept: "image/*", hidden: true });

  /** `mayInspect`: whether the user can inspect further images. */
  constructor(api: LensApi, overview: Overview, signal: AbortSignal, mayInspect = true) {
    super();
    this.kept = new AnalysisList(api, signal);
    this.kept.on("open", (card) => this.emit("open", card));
    this.element = h(
      "div",
      { class: "lens-start" },
      mayInspect ? this.ways(overview) : h("p", {}, LOOK),
      this.kept.element,
    );
  }

  refresh(): void {
    void this.kept.refresh();
  }

  private ways(overview: Overview): HTMLElement {
    const choose = h("button", { type: "button", class: "primary" }, "Choose an image");
    choose.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => {
      const file = this.input.files?.[0];
      // So that the same file can be chosen again.
      this.input.value = "";
      if (file) this.emit("file", file);
    });
    const browse = h("button", { type: "button" }, "Browse the data set");
    browse.addEventListener("click", () => this.emit("browse", undefined));
    const has = overview.network !== null && overview.dataset !== null;
    return h(
      "div",
      { class: "lens-drop" },
      h("p", {}, h("strong", {}, "Drop an image here"), " or paste one."),
      h("p", { class: "small quiet-text" }, `See which groups of this circuit fire for it, and where.`),
      h("div", { class: "ways" }, this.input, choose, has && browse),
    );
  }
}
