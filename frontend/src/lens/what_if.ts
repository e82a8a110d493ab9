/** What if: scales groups by a factor each, and shows the network's prediction. */

import { h } from "../base/dom";
import { count } from "../base/format";
import { Latest } from "../base/latest";
import { Widget } from "../base/widget";
import { groupName, knockOutSentence } from "../circuit/section_words";
import type { GroupId } from "../circuit/types";
import type { LensContext } from "./lens_context";
import { loadSection, measured } from "./section_ask";
import { groupButton } from "./section_group";
import { SectionPicker } from "./section_picker";
import { termButton } from "./section_term";
import { HeldOut, knockOutResult } from "./what_if_result";
import "./what_if.css";

const PAUSE_MS = 250;
const OUT = 0;

interface WhatIfEvents {
  /** The groups in the list. */
  change: ReadonlySet<GroupId>;
}

export class WhatIf extends Widget<WhatIfEvents> {
  readonly element: HTMLElement;
  private readonly rows = new Map<GroupId, WhatIfRow>();
  private readonly list = h("ul", { class: "plain-list what-if-rows", "aria-label": "Groups to scale" });
  private readonly clear = h("button", { type: "button", class: "quiet small" }, "Remove all");
  private readonly sentence = h("p", { class: "lens-sentence", role: "status" });
  private readonly place = h("div");
  private readonly heldOut: HeldOut;
  private readonly latest: Latest;
  private timer = 0;

  constructor(private readonly context: LensContext) {
    super();
    this.latest = new Latest(context.signal);
    this.heldOut = new HeldOut(context);
    context.signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.clear.addEventListener("click", () => this.removeAll());
    this.element = h(
      "div",
      { class: "what-if" },
      h(
        "p",
        { class: "small quiet-text" },
        termButton(context, "knockOut"),
        ": add groups to see what the network predicts without them. Factor 0 knocks a group out, 1 leaves it unchanged, 2 doubles it.",
      ),
      this.ways(),
      this.list,
      this.clear,
      this.sentence,
      this.place,
      this.heldOut.element,
    );
    this.showSet();
  }

  get groups(): ReadonlySet<GroupId> {
    return new Set(this.rows.keys());
  }

  /** Adds groups with factor 0. Groups that are already in the list stay unchanged. */
  add(groups: readonly GroupId[]): void {
    for (const group of groups) {
      if (this.rows.has(group)) continue;
      const row = new WhatIfRow(this.context, group, OUT);
      row.on("change", () => this.changed());
      row.on("now", () => void this.run());
      row.on("remove", () => this.remove(group));
      this.rows.set(group, row);
      this.list.append(row.element);
    }
    this.showSet();
  }

  remove(group: GroupId): void {
    const row = this.rows.get(group);
    if (!row) return;
    const after = row.element.nextElementSibling ?? row.element.previousElementSibling;
    const focused = row.element.contains(document.activeElement);
    row.element.remove();
    this.rows.delete(group);
    // The next row gets the focus.
    if (focused) (after?.querySelector<HTMLElement>(".what-if-remove") ?? this.element.querySelector("input"))?.focus();
    this.showSet();
  }

  private removeAll(): void {
    this.rows.clear();
    this.list.replaceChildren();
    this.showSet();
    this.element.querySelector("input")?.focus();
  }

  /** The controls that add groups. */
  private ways(): HTMLElement {
    const { analysis, overview } = this.context;
    const top = overview.layers.at(-1)?.name;
    const groups = overview.groups.filter(({ layer }) => layer !== top);
    const firing = new Set(analysis.reading.groups.filter(({ fires }) => fires).map(({ id }) => id));
    const all = groups.map(({ id }) => id).filter((id) => firing.has(id));
    const choices = groups.map(({ id }) => ({ value: id, label: groupName(id) }));
    const picker = new SectionPicker("Add a group", "Add", choices);
    picker.on("pick", (group) => this.add([group]));
    const fire = h("button", { type: "button", disabled: all.length === 0 }, `Add all ${all.length} that fire`);
    fire.addEventListener("click", () => this.add(all));
    const chosen = h("button", { type: "button" }, "Add the selected group");
    chosen.addEventListener("click", () => {
      const id = this.context.selected?.() ?? null;
      if (id !== null && groups.some((group) => group.id === id)) this.add([id]);
      else this.sentence.textContent = "Select a group below the class first, in the graph or in a list.";
    });
    return h("div", {}, picker.element, h("p", { class: "what-if-ways" }, fire, this.context.selected && chosen));
  }

  private showSet(): void {
    this.clear.hidden = this.rows.size < 2;
    this.emit("change", this.groups);
    this.changed();
  }

  /** Runs the network after a pause without changes. */
  private changed(): void {
    this.latest.stop();
    clearTimeout(this.timer);
    this.heldOut.forget();
    if (this.rows.size === 0) {
      this.sentence.textContent = "";
      this.place.removeAttribute("aria-busy");
      return this.place.replaceChildren();
    }
    this.place.setAttribute("aria-busy", "true");
    this.timer = window.setTimeout(() => void this.run(), PAUSE_MS);
  }

  private async run(): Promise<void> {
    clearTimeout(this.timer);
    const groups = [...this.rows].map(([group, row]) => ({ group, factor: row.factor }));
    const [wrong] = groups.filter(({ factor }) => Number.isNaN(factor));
    if (wrong || groups.every(({ factor }) => factor === 1)) return this.saySame(wrong?.group);
    const signal = this.latest.next();
    const { context, sentence, place } = this;
    const section = { sentence, place, signal, again: () => void this.run() };
    const waiting = `Running the network with ${count(groups.length, "group")} scaled…`;
    await loadSection(context, section, waiting, async () => {
      const question = { kind: "knock_out" as const, analysis: context.analysis.id, groups };
      const { knock_out: result } = await measured(context, question, place, signal);
      if (signal.aborted || !result) return [];
      sentence.textContent = knockOutSentence(groups, result);
      this.heldOut.offer(groups);
      return [knockOutResult(context, result)];
    });
  }

  private saySame(wrong?: GroupId): void {
    this.place.replaceChildren();
    this.place.removeAttribute("aria-busy");
    this.sentence.textContent = wrong
      ? `Enter a factor from 0 to 10 for ${groupName(wrong)}.`
      : "Factor 1 changes nothing. Choose another factor.";
  }
}

const MOST_OF_SLIDER = 2;
const MOST = 10;
const STEP = 0.1;

interface WhatIfRowEvents {
  change: number;
  /** The user pressed Enter: run at once. */
  now: null;
  remove: null;
}

/** A group with its factor: a slider up to 2, and a field up to 10. */
export class WhatIfRow extends Widget<WhatIfRowEvents> {
  readonly element: HTMLElement;
  private readonly field: HTMLInputElement;
  private readonly slider: HTMLInputElement;

  constructor(context: LensContext, group: GroupId, factor: number) {
    super();
    const name = groupName(group);
    const numbers = { min: 0, step: STEP, value: factor, "aria-label": `Factor of ${name}` };
    this.slider = h("input", { type: "range", ...numbers, max: MOST_OF_SLIDER });
    this.field = h("input", { type: "number", ...numbers, step: "any", max: MOST, inputmode: "decimal" });
    const remove = h("button", { type: "button", class: "quiet what-if-remove", "aria-label": `Remove ${name}` }, "✕");
    const form = h("form", { class: "what-if-factor" }, this.slider, h("span", { class: "small" }, "×"), this.field);
    this.element = h("li", { class: "what-if-row" }, groupButton(context, group), remove, form);
    this.slider.addEventListener("input", () => {
      this.field.value = this.slider.value;
      this.tell();
    });
    this.field.addEventListener("input", () => {
      if (!Number.isNaN(this.factor)) this.slider.value = String(Math.min(MOST_OF_SLIDER, this.factor));
      this.tell();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.emit("now", null);
    });
    remove.addEventListener("click", () => this.emit("remove", null));
  }

  /** NaN if the field contains no valid factor. */
  get factor(): number {
    const value = this.field.value.trim() === "" ? NaN : Number(this.field.value);
    return value >= 0 && value <= MOST ? value : NaN;
  }

  private tell(): void {
    const { factor } = this;
    this.field.setAttribute("aria-invalid", String(Number.isNaN(factor)));
    this.emit("change", factor);
  }
}
