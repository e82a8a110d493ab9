/** Why wrong: compares the circuits of the predicted and the true class for an image. */

import { h } from "../base/dom";
import { Latest } from "../base/latest";
import { load } from "../base/load";
import { Widget } from "../base/widget";
import { wrongSentence } from "../circuit/section_words";
import { type NetworkClass, readClasses } from "../circuit/shared_classes";
import type { FinishedAnalysis } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { loadSection, sectionWays } from "./section_ask";
import { SectionPicker } from "./section_picker";
import { disagreementColumns } from "./why_wrong_columns";
import { WhyWrongSide } from "./why_wrong_side";
import "./why_wrong.css";

/** Whether the prediction is the class of the image's label; null without a label. */
export function isRight({ label, truth, reading }: FinishedAnalysis): boolean | null {
  return label === null ? null : truth !== null && truth.index === reading.classes[0]?.index;
}

export class WhyWrong extends Widget {
  readonly element = h("div", { class: "why-wrong" });
  private readonly ask = h("div");
  private readonly sentence = h("p", { class: "lens-sentence", role: "status" });
  private readonly place = h("div");
  private readonly latest: Latest;

  /** Loads the network's classes at once. */
  constructor(
    private readonly context: LensContext,
    private readonly network: string,
  ) {
    super();
    this.latest = new Latest(context.signal);
    this.element.append(this.ask, this.sentence, this.place);
    void this.begin();
  }

  private async begin(): Promise<void> {
    const { analysis, signal } = this.context;
    const { sentence, place } = this;
    place.replaceChildren();
    const section = { sentence, place, signal, again: () => void this.begin() };
    let known: readonly NetworkClass[] = [];
    const read = await loadSection(this.context, section, "Loading the classes…", async () => {
      ({ classes: known } = await readClasses(this.network, null, signal));
      sentence.textContent = "";
      return [];
    });
    if (!read) return;
    if (analysis.truth === null) this.askForTruth(known);
    else await this.compare(known, analysis.truth.index);
  }

  private askForTruth(known: readonly NetworkClass[]): void {
    const { label } = this.context.analysis;
    const choices = known.map(({ index, shown }) => ({ value: String(index), label: shown }));
    const picker = new SectionPicker("True class", "Compare", choices);
    picker.on("pick", (index) => void this.compare(known, Number(index)));
    const unknown =
      label !== null &&
      h("p", {}, `The data set’s label “${label}” is not a class of this network. Choose the true class.`);
    this.ask.replaceChildren(...[unknown, picker.element].filter((node) => node !== false));
  }

  private async compare(known: readonly NetworkClass[], truth: number): Promise<void> {
    const signal = this.latest.next();
    const first = this.context.analysis.reading.classes[0];
    const predicted = known[first?.index ?? -1];
    const real = known[truth];
    this.place.replaceChildren();
    if (!first || !predicted || !real) return;
    if (first.index === truth) {
      this.sentence.textContent = `The prediction “${first.name}” is correct.`;
      return;
    }
    this.sentence.textContent = wrongSentence(first, real.shown);
    const sides = [predicted, real].map((one) => new WhyWrongSide(this.context, this.network, one, signal));
    this.place.replaceChildren(...sides.map(({ element }) => element));
    const [wrong, right] = await Promise.all(sides.map((side) => side.analysis));
    if (wrong && right && !signal.aborted) await this.show(wrong, right, signal);
  }

  private async show(wrong: FinishedAnalysis, right: FinishedAnalysis, signal: AbortSignal): Promise<void> {
    const { context } = this;
    const waiting = h("p", { class: "quiet-text", role: "status" }, "Comparing the two circuits…");
    const content = async () => {
      const found = await context.api.disagreement(wrong.id, right.id, signal);
      return signal.aborted ? [] : [disagreementColumns(context, wrong, right, found, signal)];
    };
    await load(this.place, content, { signal, waiting, ways: sectionWays(context) });
  }
}
