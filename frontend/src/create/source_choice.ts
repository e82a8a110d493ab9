/** The choice of a network or data set, with the state of each. */

import { at } from "../api/address";
import type { Schemas } from "../api/client";
import { h } from "../base/dom";
import { count } from "../base/format";
import { Widget } from "../base/widget";
import { LiveProgress } from "../jobs/live_progress";
import "./source_choice.css";

export type SourceKind = "network" | "dataset";
export type Card = Schemas["NetworkCard"] | Schemas["DatasetCard"];

const WORDS = {
  network: { one: "network", page: at("/networks") },
  dataset: { one: "data set", page: at("/datasets") },
};

export class SourceChoice extends Widget<{ choose: string }> {
  readonly element = h("div", { class: "source-choice" });
  private live: LiveProgress | null = null;

  constructor(private readonly kind: SourceKind) {
    super();
  }

  /** Shows `cards`, the chosen one, and an error if there is no such id. */
  show(cards: readonly Card[], chosen: string | null): void {
    this.live?.close();
    this.live = null;
    const { one, page } = WORDS[this.kind];
    if (cards.length === 0) {
      this.element.replaceChildren(
        h("p", {}, `No ${one}s yet.`),
        h("p", {}, h("a", { class: "button", href: page }, `Add ${one}`)),
      );
      return;
    }
    const found = cards.find(({ id }) => id === chosen);
    const unknown =
      chosen && !found
        ? h("p", { class: "step-problem", role: "status" }, `The ${one} “${chosen}” does not exist. Choose another.`)
        : null;
    this.element.replaceChildren(
      h(
        "div",
        { class: "source-cards", role: "radiogroup", "aria-label": one },
        ...cards.map((card) => this.card(card, chosen)),
      ),
      ...[unknown, found && this.stateOf(found)].filter((part) => !!part),
    );
  }

  private card(card: Card, chosen: string | null): HTMLElement {
    const input = h("input", { type: "radio", name: this.kind, value: card.id, checked: card.id === chosen });
    input.addEventListener("change", () => this.emit("choose", card.id));
    return h(
      "label",
      { class: "source-card" },
      input,
      h("span", { class: "source-name" }, card.name),
      h("span", { class: "source-facts small" }, facts(card)),
    );
  }

  /** Why the chosen one cannot be used yet; null if it can. */
  private stateOf(card: Card): HTMLElement | null {
    const { one, page } = WORDS[this.kind];
    if (card.state === "succeeded") return null;
    const link = h("a", { href: `${page}/${card.id}` }, "Inspect");
    if (card.state === "queued" || card.state === "running") {
      this.live = new LiveProgress(card.job.id, card.job);
      const text = `This ${one} is not inspected yet. You can continue when that is done.`;
      return h("div", { class: "source-state" }, h("p", { class: "small" }, text), this.live.element);
    }
    const why = card.job.problem?.detail || card.job.problem?.title || "The job was cancelled.";
    return h("p", { class: "step-problem" }, `Inspecting this ${one} failed. ${why} `, link);
  }
}

function facts(card: Card): string {
  const state = {
    queued: "not inspected",
    running: "inspecting",
    failed: "inspection failed",
    cancelled: "not inspected",
  };
  if (card.state !== "succeeded") return state[card.state];
  if ("image_count" in card) return card.image_count === null ? "" : count(card.image_count, "image");
  const parameters = card.parameter_count === null ? "" : `${millions(card.parameter_count)} parameters`;
  return [parameters, card.input_size && `${card.input_size} px`].filter(Boolean).join(" · ");
}

function millions(number: number): string {
  return number < 1e6 ? number.toLocaleString("en") : `${(number / 1e6).toFixed(number < 1e7 ? 1 : 0)} M`;
}
