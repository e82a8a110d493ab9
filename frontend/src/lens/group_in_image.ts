/** A group in an open image, for the inspector: figures, and the best crops next to the exemplars. */

import { h } from "../base/dom";
import { percent } from "../base/format";
import { plainPicture } from "../base/picture";
import { drawHeatMap } from "../circuit/heat_map";
import type { Context } from "../circuit/inspector_widget";
import { Section } from "../circuit/section";
import type { Box, GroupReading, FinishedAnalysis } from "../circuit/types";
import type { Term } from "./definitions";
import { bestCrops, gridOf, lightest } from "./firing_places";
import { cropView } from "./image_stage";
import type { LensContext } from "./lens_context";
import { percentileBar, stateOf, stateWord } from "./section_group";
import { termButton } from "./section_term";
import "./group_in_image.css";

const PIXELS = 128;
const EXEMPLARS = 3;

export function groupInImage(
  analysis: FinishedAnalysis,
  hands: Pick<LensContext, "define">,
  group: GroupReading,
  { answers, signal }: Context,
): HTMLElement {
  const facts: [Term, Node | string][] = [
    ["percentile", percentileBar(group)],
    ["score", group.score.toFixed(2)],
    ["usual", group.usual === null ? "–" : `fires for ${percent(group.usual)} of the traced images`],
  ];
  const state = h("span", { class: "lens-state" }, stateWord(group) === "–" ? "does not fire" : stateWord(group));
  const beside = async () => {
    const { items } = await answers.exemplars(group.id, null, signal);
    const own = items
      .slice(0, EXEMPLARS)
      .map((exemplar) => h("li", {}, plainPicture(exemplar.picture, "An exemplar of the group")));
    return [h("ol", { class: "lens-crops" }, ...own)];
  };
  return h(
    "section",
    { class: "lens-in-group", "aria-label": "In this image" },
    h("h3", {}, "In this image: ", h("span", { class: `lens-fact ${stateOf(group)}` }, state)),
    h(
      "dl",
      {},
      ...facts.flatMap(([term, value]) => [h("dt", {}, termButton(hands, term)), h("dd", { class: "number" }, value)]),
    ),
    h(
      "div",
      { class: "lens-beside" },
      h(
        "div",
        {},
        h("h4", {}, "Crops with the highest score"),
        h("ol", { class: "lens-crops" }, ...crops(analysis, group)),
      ),
      h("div", {}, h("h4", {}, "Exemplars of the group"), new Section(null, beside, signal, EXEMPLARS).element),
    ),
  );
}

function crops({ reading, picture: address }: FinishedAnalysis, group: GroupReading): HTMLElement[] {
  return bestCrops(reading, group).map(({ box, score }, at) => {
    const image = { picture: address, width: reading.width, height: reading.height };
    const cut = cropView(image, box, `Crop ${at + 1} of the image, score ${score.toFixed(2)}`);
    cut.append(heatOf(group, reading.area, box));
    cut.title = `M score of this crop: ${score.toFixed(2)}`;
    return h("li", {}, cut, h("span", { class: "small number quiet-text" }, score.toFixed(2)));
  });
}

/** The heat map of the whole image, positioned so that the crop shows its own part. */
function heatOf(group: GroupReading, area: Box, box: Box): HTMLElement {
  const canvas = h("canvas", { width: PIXELS, height: PIXELS, "aria-hidden": "true" });
  drawHeatMap(canvas, gridOf(group.place), lightest(group.place), "overlay", 0);
  const wide = Math.max(1, box.right - box.left);
  const high = Math.max(1, box.bottom - box.top);
  canvas.style.width = `${(100 * (area.right - area.left)) / wide}%`;
  canvas.style.height = `${(100 * (area.bottom - area.top)) / high}%`;
  canvas.style.left = `${(100 * (area.left - box.left)) / wide}%`;
  canvas.style.top = `${(100 * (area.top - box.top)) / high}%`;
  return canvas;
}
