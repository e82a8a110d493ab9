/** What the figures of a group say, in words, and the list that shows them. */

import { h } from "../../base/dom";
import { percent, signed } from "../../base/format";
import "./importance.css";

export interface Fact {
  name: string;
  value: string;
  /** What that value says. */
  words: string;
  /** What the figure is, whatever its value. */
  meaning: string;
}

interface Figures {
  contribution: number;
  logit_drop: number | null;
  held_out: number;
  silhouette: number | null;
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

/** How much of the class's score flows through it. */
export function contributionFact(contribution: number, className: string): Fact {
  const size = SIZES.find(({ least }) => Math.abs(contribution) >= least) ?? SMALLEST;
  const words =
    contribution < 0
      ? `It speaks ${size.against} against “${className}”.`
      : `It carries ${size.carries} of the score of “${className}”.`;
  return {
    name: "Contribution",
    value: signedPercent(contribution),
    words,
    meaning:
      "The share of the class’s score (its logit) that flows through the circuit by way of this group. " +
      "+100 % is the whole score; below zero the group lowers it.",
  };
}

function dropFact({ logit_drop: drop, held_out: images }: Figures, className: string): Fact {
  const meaning =
    "All neurons of the group are knocked out on images that the circuit was not traced with, and the fall of the " +
    "class’s score (its logit) is averaged.";
  if (drop === null) return { name: "Knocked out", value: "–", words: "Not measured.", meaning };
  const way = drop >= 0 ? "falls" : "rises";
  const on = `${images} held-out ${images === 1 ? "image" : "images"}`;
  const words = `Without it the score of “${className}” ${way} by ${Math.abs(drop).toFixed(2)} on average over ${on}.`;
  return { name: "Knocked out", value: signed(-drop), words, meaning };
}

function silhouetteFact({ silhouette }: Figures): Fact {
  const meaning =
    "How well its parts hold together beside the other groups of the layer, from −1 to 1. " +
    "Above 0.5 is clear-cut, below 0.25 it runs into its neighbours.";
  const name = "Silhouette";
  if (silhouette === null)
    return { name, value: "–", words: "The only group of its layer: nothing to compare.", meaning };
  const words =
    silhouette >= 0.5
      ? "Clear-cut: unlike the other groups of its layer."
      : silhouette >= 0.25
        ? "Fairly clear-cut."
        : silhouette >= 0
          ? "It runs into its neighbours."
          : "Many of its parts lie nearer to another group.";
  return { name, value: signed(silhouette).replace("+", ""), words, meaning };
}

/** `+22 %`, `−0.4 %`: with a digit more where it is small. */
export function signedPercent(share: number): string {
  const text = percent(Math.abs(share), Math.abs(share) < 0.1 ? 1 : 0);
  if (text.startsWith("0.0 ")) return "0 %";
  return (share < 0 ? "\u2212" : "+") + text;
}

/** Each figure's meaning is its tooltip, and stands in full under the list for keys and touch. */
export function factList(facts: readonly Fact[]): HTMLElement {
  const rows = facts.map(({ name, value, words, meaning }) =>
    h(
      "div",
      { class: "fact", title: meaning },
      h("dt", {}, name),
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
