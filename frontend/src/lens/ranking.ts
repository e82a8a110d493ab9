/** Why this class: all groups ranked by the logit drop on the image. */

import { h } from "../base/dom";
import { signed } from "../base/format";
import { Latest } from "../base/latest";
import { Widget } from "../base/widget";
import { shortList, weightBar } from "../circuit/section";
import { groupName, points, rankingSentence } from "../circuit/section_words";
import type { GroupId, Measurement } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { loadSection, measured } from "./section_ask";
import { groupButton } from "./section_group";
import { termButton } from "./section_term";
import "./ranking.css";

type Ranked = NonNullable<Measurement["ranking"]>["groups"][number];

const MOST = 10;
const PREDICTED = "";

interface RankingEvents {
  /** Adds a group to “What if”, or removes it. */
  pick: { group: GroupId; wanted: boolean };
}

export class Ranking extends Widget<RankingEvents> {
  readonly element: HTMLElement;
  private readonly choice: HTMLSelectElement;
  private readonly sentence = h("p", { class: "lens-sentence", role: "status" });
  private readonly place = h("div");
  private readonly latest: Latest;
  private readonly boxes = new Map<GroupId, HTMLInputElement>();
  private picked: ReadonlySet<GroupId> = new Set();

  /** Loads the ranking at once. */
  constructor(private readonly context: LensContext) {
    super();
    this.latest = new Latest(context.signal);
    this.choice = h("select", {}, ...classChoices(context));
    this.choice.addEventListener("change", () => void this.load());
    this.element = h(
      "div",
      { class: "lens-ranking" },
      h("label", { class: "small lens-ranking-class" }, "Groups ranked for ", this.choice),
      this.sentence,
      this.place,
    );
    void this.load();
  }

  /** Checks the groups that are in “What if”. */
  mark(picked: ReadonlySet<GroupId>): void {
    this.picked = picked;
    for (const [group, box] of this.boxes) box.checked = picked.has(group);
  }

  private async load(): Promise<void> {
    const signal = this.latest.next();
    this.place.replaceChildren();
    const index = this.choice.value;
    // Several classes can have the same name, so the class is requested by its index.
    const name = index === PREDICTED ? {} : { class: `#${index}` };
    const { context, sentence, place } = this;
    const section = { sentence, place, signal, again: () => void this.load() };
    await loadSection(context, section, "Knocking out each group…", async () => {
      const question = { kind: "ranking" as const, analysis: context.analysis.id, ...name };
      const { ranking } = await measured(context, question, place, signal);
      return ranking && !signal.aborted ? this.show(ranking.groups, this.className()) : [];
    });
  }

  private className(): string {
    const { classes, target } = this.context.analysis.reading;
    const index = this.choice.value === PREDICTED ? classes[0]?.index : Number(this.choice.value);
    return [...classes, target].find((one) => one.index === index)?.name ?? "";
  }

  private show(groups: readonly Ranked[], name: string): HTMLElement[] {
    const { classes } = this.context.analysis.reading;
    const predicted = classes[0]?.name ?? "";
    this.boxes.clear();
    this.sentence.textContent = rankingSentence(groups, name, predicted);
    if (groups.length === 0) return [];
    const largest = Math.max(...groups.map(({ logit_drop: drop }) => Math.abs(drop)));
    const head = h(
      "p",
      { class: "small lens-ranking-head" },
      h("span", { class: "quiet-text" }, "What if"),
      h("span", {}, termButton(this.context, "logitDrop"), " and ", termButton(this.context, "probabilityDrop")),
    );
    return [head, shortList(groups, (group) => this.row(group, largest, predicted), MOST, "ol")];
  }

  private row(ranked: Ranked, largest: number, predicted: string): HTMLElement {
    const { group, logit_drop: drop, predicted_after: after } = ranked;
    const box = h("input", { type: "checkbox", "aria-label": `What if: without ${groupName(group)}` });
    box.checked = this.picked.has(group);
    box.addEventListener("change", () => this.emit("pick", { group, wanted: box.checked }));
    this.boxes.set(group, box);
    return h(
      "li",
      { class: "lens-ranked" },
      box,
      groupButton(this.context, group),
      h("span", { class: "number lens-ranked-drop" }, signed(drop)),
      h("span", { class: "lens-ranked-bar" }, weightBar(drop, largest)),
      h(
        "span",
        { class: "small quiet-text number lens-ranked-more" },
        points(ranked.probability_drop),
        after !== predicted && h("span", {}, " · prediction becomes ", h("strong", {}, after)),
      ),
    );
  }
}

function classChoices({ analysis }: LensContext): HTMLElement[] {
  const { classes, target } = analysis.reading;
  const [first, ...others] = classes;
  const known = new Set([first?.index]);
  const rest = [target, ...others].filter(({ index }) => !known.has(index) && known.add(index));
  return [
    h("option", { value: PREDICTED }, `${first?.name ?? ""} (prediction)`),
    ...rest.map(({ index, name }) =>
      h("option", { value: index }, index === target.index ? `${name} (this circuit’s class)` : name),
    ),
  ];
}
