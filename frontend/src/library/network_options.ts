/** The optional settings of a new network, read from the form's fields. */

import type { Schemas } from "../api/client";
import { INPUT_SIZE_RANGE } from "../api/parameters";
import { InvalidField, type Values } from "../base/add_form";
import type { FieldSpec } from "../base/form_field";

type Options = Pick<Schemas["NetworkIn"], "classes" | "input_size" | "mean" | "std">;

export const CLASSES: FieldSpec = {
  name: "classes",
  label: "Classes",
  kind: "lines",
  placeholder: "cat\ndog",
  hint: "One name per line, in the order of the outputs. If empty, the names that come with the weights are used, or numbers.",
};

export const INPUT_SIZE: FieldSpec = {
  name: "input_size",
  label: "Input size",
  kind: "number",
  range: INPUT_SIZE_RANGE,
  hint: "Side of the square input, in pixels.",
};

export const MEAN: FieldSpec = {
  name: "mean",
  label: "Mean",
  kind: "text",
  placeholder: "0.485, 0.456, 0.406",
  hint: "Subtracted from the red, green and blue values (0 to 1).",
};

export const STD: FieldSpec = {
  name: "std",
  label: "Standard deviation",
  kind: "text",
  placeholder: "0.229, 0.224, 0.225",
  hint: "Divides the values after that.",
};

/** Reads the options. Throws `InvalidField` if a field for three numbers contains something else. */
export function optionsOf(values: Values): Options {
  const options: Options = {};
  const classes = text(values, "classes")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  if (classes.length > 0) options.classes = classes;
  if (text(values, "input_size")) options.input_size = Number(text(values, "input_size"));
  const mean = three(values, "mean");
  const std = three(values, "std");
  if (mean) options.mean = mean;
  if (std) options.std = std;
  return options;
}

/** The text of a field; empty if it was not filled in. */
export function text(values: Values, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}

function three(values: Values, name: string): [number, number, number] | null {
  if (!text(values, name)) return null;
  const [red, green, blue, ...rest] = text(values, name)
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  if (red === undefined || green === undefined || blue === undefined || rest.length > 0) return wrong(name);
  return [red, green, blue].every(Number.isFinite) ? [red, green, blue] : wrong(name);
}

function wrong(name: string): never {
  throw new InvalidField(name, "Enter three numbers, for red, green and blue.");
}
