/** The same knock-out over images of the class that the circuit was not traced with. */

import { h } from "../base/dom";
import { signed } from "../base/format";
import { Widget } from "../base/widget";
import { chance, heldOutSentence, plain, spread } from "../circuit/section_words";
import type { Measurement } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { Latest, measured, sectionProblem } from "./section_ask";
import { termButton } from "./section_term";
import { changeCell } from "./what_if_cell";

type Factor = Measurement["groups"][number];
type Result = NonNullable<Measurement["held_out"]>;

export class HeldOut extends Widget {
  readonly element: HTMLElement;
  private readonly start = h("button", { type: "button" }, "The same over the held-out images");
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

  /** Offers to try these. */
  offer(groups: readonly Factor[]): void {
    this.groups = groups;
    this.element.hidden = false;
  }

  /** What was found is of other groups. */
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
    this.sentence.textContent = "Trying it on the held-out images…";
    this.place.replaceChildren();
    try {
      const { held_out: result } = await measured(
        this.context,
        { kind: "held_out", groups: [...groups] },
        this.place,
        signal,
      );
      if (signal.aborted || !result) return;
      this.sentence.textContent = heldOutSentence(groups, result);
      this.place.replaceChildren(this.table(result));
    } catch (error) {
      if (signal.aborted) return;
      this.sentence.textContent = "";
      this.place.replaceChildren(sectionProblem(this.context, error, () => void this.run()));
    }
    this.start.disabled = false;
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
