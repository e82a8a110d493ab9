/** Writes ranges and defaults from the API's document for the pages to import: parameters of a trace, a network's input size. */

import { readFileSync, writeFileSync } from "node:fs";

const KINDS = { integer: "whole", number: "number", "array of number": "fractions", enum: "choice" };

const [document, target] = process.argv.slice(2);
const { TraceParameters, NetworkIn } = JSON.parse(readFileSync(document, "utf8")).components.schemas;
const { properties } = TraceParameters;
const [size] = NetworkIn.properties.input_size.anyOf;
// Layers are chosen from a list of the network's own.
delete properties.layers;

const rows = Object.entries(properties).map(([name, { type, items, default: value, ...rest }]) => {
  const shape = rest.enum ? "enum" : items ? `array of ${items.type}` : type;
  const kind = KINDS[shape];
  if (!kind) throw new Error(`${name}: ${shape} has no kind of field: add one to KINDS and to parameter_fields.ts`);
  const { minimum: low = 0, maximum: high = 0 } = items ?? rest;
  return `  ${name}: ${JSON.stringify({ kind, low, high, initial: [value].flat().join(", "), most: rest.maxItems })},\n`;
});

writeFileSync(
  target,
  "// Written by `make types`: change `neurflow.terms.parameters`, not this file.\n\n" +
    `export const PARAMETER_RANGES = {\n${rows.join("")}} as const;\n\n` +
    `export const INPUT_SIZE_RANGE = ${JSON.stringify({ low: size.minimum, high: size.maximum })} as const;\n`,
);
