/** Why wrong: compares the circuits of the predicted and the true class for an image. */

import { h } from "../base/dom";
import { Widget } from "../base/widget";
import { wrongSentence } from "../circuit/section_words";
import { sharedClasses } from "../circuit/shared_classes";
import type { Looked } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { Latest, sectionProblem } from "./section_ask";
import { SectionPicker } from "./section_picker";
import { disagreementColumns } from "./why_wrong_columns";
import { type NetworkClass, WhyWrongSide } from "./why_wrong_side";
import "./why_wrong.css";

/** Whether a label means the class `predicted`; null where there is no label. */
export function isRight(label: string | null, predicted: string): boolean | null {
  return label === null ? null : labelled([predicted], label) !== null;
}

export class WhyWrong extends Widget {
  readonly element = h("div", { class: "why-wrong" });
  private readonly ask = h("div");
  private readonly sentence = h("p", { class: "lens-sentence", role: "status" });
  private readonly place = h("div");
  private readonly latest: Latest;

  /** Requests the network's classes at once. */
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
    const { analysis, api, signal } = this.context;
    this.place.replaceChildren();
    this.sentence.textContent = "Loading the classes…";
    try {
      const { classes } = await api.network(this.network, signal);
      if (signal.aborted) return;
      const known = sharedClasses(classes, []).classes.map((choice, index) => ({ ...choice, index }));
      const truth = analysis.label === null ? null : labelled(classes, analysis.label);
      this.sentence.textContent = "";
      if (truth === null) this.askForTruth(known);
      else await this.compare(known, truth);
    } catch (error) {
      if (!signal.aborted) this.fail(error, () => void this.begin());
    }
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

  private async show(wrong: Looked, right: Looked, signal: AbortSignal): Promise<void> {
    this.place.replaceChildren(h("p", { class: "quiet-text", role: "status" }, "Comparing the two circuits…"));
    try {
      const found = await this.context.api.disagreement(wrong.id, right.id, signal);
      if (signal.aborted) return;
      this.place.replaceChildren(disagreementColumns(this.context, wrong, right, found, signal));
    } catch (error) {
      if (!signal.aborted) this.fail(error, () => void this.show(wrong, right, signal));
    }
  }

  private fail(error: unknown, again: () => void): void {
    this.place.replaceChildren(sectionProblem(this.context, error, again));
  }
}

/** The place of the class that a data set's label means; null where it means none, or several. */
function labelled(classes: readonly string[], label: string): number | null {
  const found = sharedClasses(classes, [{ name: label, train: 0, test: 0, images: 0 }]);
  const name = found.matched ? found.classes[0]?.name : undefined;
  const index = sharedClasses(classes, []).classes.findIndex((choice) => choice.name === name);
  return index < 0 ? null : index;
}
