/** The fields for the parameters of a trace: range, default and meaning of each. */

import { h } from "../base/dom";
import { termMark } from "../base/term";
import { Widget } from "../base/widget";
import { DEFAULTS, PARAMETERS, type ParameterName, type ParameterSpec, type Typed } from "./parameter_specs";
import { checkParameters, range } from "./parameters";
import "./parameter_fields.css";

type Problems = ReadonlyMap<ParameterName, string>;

interface Field {
  spec: ParameterSpec;
  input: HTMLInputElement | HTMLSelectElement;
  element: HTMLElement;
  problem: HTMLElement;
}

export class ParameterFields extends Widget<{ change: Typed }> {
  readonly element: HTMLElement;
  private readonly fields: Field[];
  private readonly reset = h("button", { type: "button", class: "quiet" }, "Reset to defaults");
  private readonly more: HTMLDetailsElement;

  constructor(typed: Typed) {
    super();
    this.fields = PARAMETERS.map((spec) => this.field(spec, typed[spec.name]));
    const of = (rare: boolean) => this.fields.filter(({ spec }) => !!spec.rare === rare).map(({ element }) => element);
    this.more = h(
      "details",
      { class: "parameter-more" },
      h("summary", {}, "More"),
      h("div", { class: "parameter-grid" }, ...of(true)),
    );
    this.reset.addEventListener("click", () => {
      for (const { spec, input } of this.fields) input.value = DEFAULTS[spec.name];
      this.changed();
    });
    this.element = h(
      "div",
      { class: "parameters" },
      h("div", { class: "parameter-grid" }, ...of(false)),
      this.more,
      h("p", {}, this.reset),
    );
    this.showOwnProblems();
  }

  /** The text in the fields. */
  get typed(): Typed {
    return Object.fromEntries(this.fields.map(({ spec, input }) => [spec.name, input.value])) as Typed;
  }

  /** Shows errors at their fields. */
  showProblems(problems: Problems): void {
    for (const { spec, input, problem, element } of this.fields) {
      const text = problems.get(spec.name) ?? "";
      problem.textContent = text;
      element.classList.toggle("changed", input.value.trim() !== DEFAULTS[spec.name]);
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (text && spec.rare) this.more.open = true;
    }
    this.reset.hidden = this.fields.every(({ spec, input }) => input.value.trim() === DEFAULTS[spec.name]);
  }

  private showOwnProblems(): void {
    const checked = checkParameters(this.typed);
    this.showProblems("problems" in checked ? checked.problems : new Map());
  }

  private changed(): void {
    this.showOwnProblems();
    this.emit("change", this.typed);
  }

  private field(spec: ParameterSpec, typed: string): Field {
    const id = `parameter-${spec.name}`;
    const described = { id, "aria-describedby": `${id}-problem ${id}-meaning` };
    const input = spec.choices
      ? h("select", described, ...Object.entries(spec.choices).map(([value, text]) => h("option", { value }, text)))
      : h("input", {
          ...described,
          type: "text",
          inputmode: spec.kind === "whole" ? "numeric" : "text",
          autocomplete: "off",
          spellcheck: "false",
        });
    input.value = typed;
    // A value from the address that is not a choice becomes the default.
    if (spec.choices && input.value !== typed) input.value = spec.initial;
    input.addEventListener(spec.choices ? "change" : "input", () => this.changed());
    const problem = h("span", { id: `${id}-problem`, class: "step-problem", role: "status" });
    const initial = spec.choices?.[spec.initial] ?? spec.initial.replace("-", "−");
    const bounds = spec.choices ? "" : spec.kind === "fractions" ? `each ${range(spec)}; ` : `${range(spec)}; `;
    const { label, meaning, anchor } = spec;
    const mark = anchor !== undefined && termMark(label, { meaning, anchor });
    const element = h(
      "div",
      { class: "parameter" },
      h("span", {}, h("label", { for: id }, label), mark),
      input,
      h(
        "p",
        { id: `${id}-meaning`, class: "small quiet-text" },
        `${meaning} `,
        h("span", { class: "parameter-range number" }, `(${bounds}default ${initial})`),
      ),
      problem,
    );
    return { spec, input, element, problem };
  }
}
