/** Checks the text in the fields of a trace’s parameters. */

import {
  MOST_CROPS,
  PARAMETERS,
  type ParameterName,
  type ParameterSpec,
  type TraceParameters,
  type Typed,
} from "./parameter_specs";

export type Checked = { value: number | number[] | string } | { problem: string };

/** The value of a text, or its error. */
export function checkParameter(spec: ParameterSpec, typed: string): Checked {
  const text = typed.trim();
  if (spec.kind === "choice") {
    return Object.hasOwn(spec.choices ?? {}, text) ? { value: text } : { problem: "Choose a value from the list." };
  }
  if (spec.kind === "fractions") return checkFractions(spec, text);
  const value = numberOf(text);
  if (value === null || (spec.kind === "whole" && !Number.isInteger(value))) {
    return { problem: `Enter a ${spec.kind === "whole" ? "whole " : ""}number from ${range(spec)}.` };
  }
  if (value < spec.low || value > spec.high) return { problem: `Enter a number from ${range(spec)}.` };
  return { value };
}

/** All values, or the errors of the fields. */
export function checkParameters(
  typed: Typed,
): { values: Omit<TraceParameters, "layers"> } | { problems: Map<ParameterName, string> } {
  const values: Record<string, unknown> = {};
  const problems = new Map<ParameterName, string>();
  for (const spec of PARAMETERS) {
    const checked = checkParameter(spec, typed[spec.name]);
    if ("problem" in checked) problems.set(spec.name, checked.problem);
    else values[spec.name] = checked.value;
  }
  if (problems.size === 0 && Number(values.max_nodes) < Number(values.nodes)) {
    problems.set("max_nodes", `Enter at least ${values.nodes}, the number of initial nodes.`);
  }
  return problems.size > 0 ? { problems } : { values: values as Omit<TraceParameters, "layers"> };
}

/** `1 to 10,000`. */
export function range(spec: ParameterSpec): string {
  const format = (value: number) =>
    value !== 0 && Math.abs(value) < 1e-3 ? String(value) : value.toLocaleString("en");
  return `${format(spec.low)} to ${format(spec.high)}`.replaceAll("-", "−");
}

function checkFractions(spec: ParameterSpec, text: string): Checked {
  const values = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(fractionOf);
  if (values.length === 0) return { problem: "Enter at least one size, for example 1, 0.5." };
  if (values.length > MOST_CROPS) return { problem: `Enter at most ${MOST_CROPS} sizes.` };
  if (values.some((value) => value === null || value < spec.low || value > spec.high)) {
    return { problem: `Enter numbers from ${spec.low} to ${spec.high}, separated by commas.` };
  }
  if (new Set(values).size < values.length) return { problem: "Enter each size once." };
  return { value: values as number[] };
}

/** `0.5` or `1/2`. */
function fractionOf(text: string): number | null {
  const [above = "", below, ...rest] = text.split("/");
  const numbers = [numberOf(above), below === undefined ? 1 : numberOf(below)];
  const [a, b] = numbers;
  return rest.length || a === null || a === undefined || !b ? null : a / b;
}

function numberOf(text: string): number | null {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}
