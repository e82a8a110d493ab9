/** Two circuits side by side: groups that fired for the wrong class, and groups that did not for the right one. */

import { at } from "../api/address";
import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { load } from "../base/load";
import { plainPicture } from "../base/picture";
import { shortList, weightBar } from "../circuit/section";
import { firedSentence, groupName, missedSentence, rank } from "../circuit/section_words";
import type { GroupId, FinishedAnalysis } from "../circuit/types";
import { cropView } from "./image_stage";
import type { LensContext } from "./lens_context";
import { sectionWays } from "./section_ask";
import { groupButton, groupLink } from "./section_group";
import { termButton } from "./section_term";

type Disagreement = Schemas["DisagreementOut"];
type Row = Disagreement["fired"][number];

const MOST = 6;
/** The number of rows with exemplars. */
const SHOWN_IN_FULL = 3;
const EXEMPLARS = 3;

export function disagreementColumns(
  context: LensContext,
  wrong: FinishedAnalysis,
  right: FinishedAnalysis,
  { fired, missed }: Disagreement,
  signal: AbortSignal,
): HTMLElement {
  const largest = Math.max(0, ...[...fired, ...missed].map(({ disagreement }) => disagreement));
  const column = (title: string, text: string, analysis: FinishedAnalysis, rows: readonly Row[], fires: boolean) =>
    h(
      "div",
      { class: "wrong-column" },
      h("h4", {}, title),
      h("p", { class: "small" }, text),
      shortList(
        rows.map((row, place) => ({ row, full: place < SHOWN_IN_FULL })),
        ({ row, full }) =>
          rowOf(context, analysis, row, largest, full ? partsOf(context, analysis, row, fires, signal) : null),
        MOST,
        "ol",
      ),
    );
  const wrongName = wrong.reading.target.name;
  const rightName = right.reading.target.name;
  const head = h(
    "p",
    { class: "small" },
    "Groups by ",
    termButton(context, "disagreement", "disagreement"),
    ", with ",
    termButton(context, "percentile", "percentile"),
    " and ",
    termButton(context, "score", "M score"),
    ".",
  );
  return h(
    "div",
    {},
    head,
    h(
      "div",
      { class: "wrong-columns" },
      column(`Fired for ${wrongName} (wrong)`, firedSentence(wrongName, fired), wrong, fired, true),
      column(`Missed for ${rightName} (right)`, missedSentence(rightName, missed), right, missed, false),
    ),
  );
}

function rowOf(
  context: LensContext,
  analysis: FinishedAnalysis,
  row: Row,
  largest: number,
  parts: HTMLElement | null,
): HTMLElement {
  const own = analysis.circuit.id === context.overview.id;
  const to = own ? groupButton(context, row.group) : groupLink(row.group, row.picture, addressOf(analysis, row.group));
  return h(
    "li",
    { class: "wrong-row" },
    to,
    h(
      "span",
      { class: "wrong-figures small" },
      weightBar(row.disagreement, largest),
      h("span", { class: "number" }, row.disagreement.toFixed(2)),
    ),
    h("span", { class: "small quiet-text number" }, `percentile ${rank(row.percentile)} · M ${row.score.toFixed(2)}`),
    parts,
  );
}

/** The image's best crop for a group, next to the group's exemplars. */
function partsOf(
  context: LensContext,
  analysis: FinishedAnalysis,
  row: Row,
  fires: boolean,
  signal: AbortSignal,
): HTMLElement {
  const { reading } = analysis;
  const best = reading.groups.find(({ id }) => id === row.group)?.best[0];
  const box = best ? reading.crops[best.crop] : undefined;
  const name = groupName(row.group);
  const image = { picture: context.analysis.picture, width: reading.width, height: reading.height };
  const own = box && cropView(image, box, `The crop of the image that fires ${name} most`);
  const others = h("span", { class: "wrong-exemplars" });
  const pictures = async () => {
    const { items } = await context.api.exemplars(analysis.circuit.id, row.group, EXEMPLARS, signal);
    return items.map((one, place) => plainPicture(one.picture, `Exemplar ${place + 1} of ${name}`));
  };
  void load(others, pictures, { signal, waiting: null, ways: sectionWays(context) });
  return h(
    "span",
    { class: "wrong-parts small quiet-text" },
    h("span", { class: "wrong-own" }, h("span", {}, fires ? "this crop" : "nearest crop"), own),
    h("span", { class: "wrong-like" }, h("span", {}, "exemplars"), others),
  );
}

function addressOf(analysis: FinishedAnalysis, group: GroupId): string {
  const query = new URLSearchParams({ v: "1", select: group, panel: "image", analysis: analysis.id });
  return at(`/circuits/${analysis.circuit.id}?${query}`);
}
