/**
 * The predictions with groups scaled, for the image and for held-out images: before and after, next to random
 * neurons.
 */

import { h } from "../base/dom";
import { signed } from "../base/format";
import { Latest } from "../base/latest";
import { Widget } from "../base/widget";
import { chance, heldOutSentence, plain, spread } from "../circuit/section_words";
import type { Measurement } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { loadSection, measured } from "./section_ask";
import { termButton } from "./section_term";

type KnockOut = NonNullable<Measurement["knock_out"]>;
type Change = KnockOut["classes"][number];

export function knockOutResult(context: LensContext, result: KnockOut): HTMLElement {
  const heads = ["Class", termButton(context, "probability"), termButton(context, "logit")];
  const head = h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)));
  const rows = result.classes.map((change) => classRow(change, result));
  const note = h(
    "p",
    { class: "small quiet-text" },
    "Before → after and change (probabilities in points). In grey: change with ",
    termButton(context, "randomNeurons", `${result.random_sets} random sets`),
    " of as many neurons, mean ± standard deviation.",
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
  const mark = [name === predicted && "before", name === after && "after"].filter((text) => text !== false);
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      h("span", {}, name),
      mark.length > 0 && h("span", { class: "what-if-mark" }, mark.length === 2 ? "before and after" : mark[0]),
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

export interface Course {
  before: string;
  after: string;
  change: string;
  /** Empty without random sets. */
  random: string;
}

/** Draws `shares`, before and after, in [0, 1], as two bars on top of each other. */
export function changeCell({ before, after, change, random }: Course, shares?: readonly [number, number]): HTMLElement {
  return h(
    "td",
    {},
    // Lines can break before the arrow only.
    h("span", { class: "what-if-course number" }, h("span", {}, before), " ", h("span", {}, `→ ${after}`)),
    shares &&
      h("span", { class: "what-if-bars", "aria-hidden": "true" }, bar("before", shares[0]), bar("after", shares[1])),
    h("span", { class: "what-if-figure number what-if-change" }, change),
    random !== "" && h("span", { class: "what-if-figure number quiet-text" }, random),
  );
}

function bar(kind: string, share: number): HTMLElement {
  const part = h("span", { class: kind });
  part.style.width = `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%`;
  return part;
}

type Factor = Measurement["groups"][number];
type Result = NonNullable<Measurement["held_out"]>;

/** The same knock-out over images of the class that the circuit was not traced with. */
export class HeldOut extends Widget {
  readonly element: HTMLElement;
  private readonly start = h("button", { type: "button" }, "Run on the held-out images");
  private readonly sentence = h("p", { class: "lens-sentence", role: "status" });
  private readonly place = h("div");
  private readonly latest: Latest;
  private groups: readonly Factor[] = [];

  constructor(private readonly context: LensContext) {
    super();
    this.latest = new Latest(context.signal);
    this.start.addEventListener("click", () => void this.run());
    this.element = h("div", { class: "held-out", hidden: true }, this.start, this.sentence, this.place);
  }

  /** Offers to run these groups. */
  offer(groups: readonly Factor[]): void {
    this.groups = groups;
    this.element.hidden = false;
  }

  /** Removes the result, as the groups have changed. */
  forget(): void {
    this.latest.stop();
    this.element.hidden = true;
    this.start.disabled = false;
    this.sentence.textContent = "";
    this.place.replaceChildren();
  }

  private async run(): Promise<void> {
    const signal = this.latest.next();
    const { groups } = this;
    this.start.disabled = true;
    this.place.replaceChildren();
    const { context, sentence, place } = this;
    const section = { sentence, place, signal, again: () => void this.run() };
    await loadSection(context, section, "Running on the held-out images…", async () => {
      const question = { kind: "held_out" as const, groups: [...groups] };
      const { held_out: result } = await measured(context, question, place, signal);
      if (signal.aborted || !result) return [];
      sentence.textContent = heldOutSentence(groups, result);
      return [this.table(result)];
    });
    if (!signal.aborted) this.start.disabled = false;
  }

  private table(result: Result): HTMLElement {
    const { accuracy, accuracy_after: after, logit, logit_after: logitAfter, random_sets: sets } = result;
    const heads = ["Class", termButton(this.context, "accuracy"), termButton(this.context, "meanLogit")];
    const row = h(
      "tr",
      {},
      h("th", { scope: "row" }, result.class),
      changeCell(
        {
          before: chance(accuracy),
          after: chance(after),
          change: signed(100 * (after - accuracy), 1),
          random: sets > 0 ? spread(100 * result.random_accuracy, 100 * result.random_accuracy_spread, 1) : "",
        },
        [accuracy, after],
      ),
      changeCell({
        before: plain(logit),
        after: plain(logitAfter),
        change: signed(logitAfter - logit),
        random: sets > 0 ? spread(result.random_logit, result.random_logit_spread) : "",
      }),
    );
    const head = h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)));
    return h("table", { class: "what-if-table small" }, h("thead", {}, head), h("tbody", {}, row));
  }
}
