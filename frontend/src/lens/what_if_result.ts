/** What the network says with groups scaled: of each class that matters, before and after, beside random neurons. */

import { h } from "../base/dom";
import { signed } from "../base/format";
import { chance, plain, spread } from "../circuit/section_words";
import type { Measurement } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { termButton } from "./section_term";
import { changeCell } from "./what_if_cell";

type KnockOut = NonNullable<Measurement["knock_out"]>;
type Change = KnockOut["classes"][number];

export function knockOutResult(context: LensContext, result: KnockOut): HTMLElement {
  const heads = ["Class", termButton(context, "probability"), termButton(context, "logit")];
  const head = h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)));
  const rows = result.classes.map((change) => classRow(change, result));
  const note = h(
    "p",
    { class: "small quiet-text" },
    "Before → after, and the change, of probabilities in points; in grey the change with ",
    termButton(context, "randomNeurons", `${result.random_sets} random sets`),
    " of as many neurons, mean ± spread.",
  );
  return h(
    "div",
    {},
    h("table", { class: "what-if-table small" }, h("thead", {}, head), h("tbody", {}, ...rows)),
    result.random_sets > 0 && note,
  );
}

function classRow(change: Change, { predicted, predicted_after: after, random_sets: sets }: KnockOut): HTMLElement {
  const { name, probability, probability_after: now, logit, logit_after: logitNow } = change;
  const mark = [name === predicted && "said before", name === after && "said now"].filter((text) => text !== false);
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      h("span", {}, name),
      mark.length > 0 && h("span", { class: "what-if-mark" }, mark.length === 2 ? "said before and now" : mark[0]),
    ),
    changeCell(
      {
        before: chance(probability),
        after: chance(now),
        change: signed(100 * (now - probability), 1),
        random: sets > 0 ? spread(100 * change.random_probability, 100 * change.random_probability_spread, 1) : "",
      },
      [probability, now],
    ),
    changeCell({
      before: plain(logit),
      after: plain(logitNow),
      change: signed(logitNow - logit),
      random: sets > 0 ? spread(change.random_logit, change.random_logit_spread) : "",
    }),
  );
}
