/** The figures of a group in words, and the list that shows them. */

import { h } from "../../base/dom";
import { count } from "../../base/format";
import { type Meaning, term } from "../../base/term";
import { type FigureName, type Figures, figureText, GROUP_FIGURES } from "../../circuit/group_figures";
import { capital } from "../../circuit/scene";
import "./importance.css";

export interface Fact extends Meaning {
  name: string;
  value: string;
  /** The meaning of the value. */
  words: string;
}

const SMALLEST = { carries: "next to nothing", against: "barely" };
const SIZES = [
  { least: 0.5, carries: "most", against: "very strongly" },
  { least: 0.2, carries: "much", against: "strongly" },
  { least: 0.05, carries: "some", against: "somewhat" },
  { least: 0.005, carries: "a little", against: "a little" },
];

/** The figures of a group. */
export function factsOf(group: Figures, className: string): Fact[] {
  return [contributionFact(group.contribution, className), dropFact(group, className), silhouetteFact(group)];
}

/** The share of the class's score that flows through a node. */
export function contributionFact(contribution: number, className: string): Fact {
  const size = SIZES.find(({ least }) => Math.abs(contribution) >= least) ?? SMALLEST;
  const words =
    contribution < 0
      ? `It speaks ${size.against} against “${className}”.`
      : `It carries ${size.carries} of the score of “${className}”.`;
  return fact("contribution", contribution, words);
}

function dropFact({ logit_drop: drop, held_out: images }: Figures, className: string): Fact {
  if (drop === null) return fact("logit_drop", drop, "Not measured.");
  const way = drop >= 0 ? "falls" : "rises";
  const size = Math.abs(drop).toFixed(2);
  const on = count(images, "held-out image");
  return fact("logit_drop", drop, `Without it, the logit of “${className}” ${way} by ${size} on average over ${on}.`);
}

function silhouetteFact({ silhouette }: Figures): Fact {
  const words = silhouette === null ? "the only group of its layer" : GROUP_FIGURES.silhouette.says(silhouette);
  return fact("silhouette", silhouette, `${capital(words)}.`);
}

function fact(name: FigureName, value: number | null, words: string): Fact {
  const { label, meaning, anchor } = GROUP_FIGURES[name];
  return { name: label, value: figureText(name, value), words, meaning, anchor };
}

/** Each figure's meaning is its tooltip. It is also written below the list, for touch screens. */
export function factList(facts: readonly Fact[]): HTMLElement {
  const rows = facts.map(({ name, value, words, ...meaning }) =>
    h(
      "div",
      { class: "fact" },
      h("dt", {}, term(name, meaning)),
      h("dd", {}, h("strong", { class: "number" }, value), " ", h("span", { class: "quiet-text" }, words)),
    ),
  );
  const meanings = facts.map(({ name, meaning }) => h("p", {}, h("strong", {}, `${name}: `), meaning));
  return h(
    "div",
    { class: "facts" },
    h("dl", {}, ...rows),
    h("details", { class: "small" }, h("summary", {}, "What do these numbers mean?"), ...meanings),
  );
}
