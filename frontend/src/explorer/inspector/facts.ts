/** Figures with what they say, and what they are for who asks. */

import { h } from "../../base/dom";
import type { Fact } from "./importance";
import "./facts.css";

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
