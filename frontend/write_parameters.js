/** Writes kind, range and default of each parameter of a trace, as the API's document has them, for the pages to import. */

import { readFileSync, writeFileSync } from "node:fs";

const KINDS = { integer: "whole", number: "number", "array of number": "fractions", enum: "choice" };

const [document, target] = process.argv.slice(2);
const { properties } = JSON.parse(readFileSync(document, "utf8")).components.schemas.TraceParameters;
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
    `export const PARAMETER_RANGES = {\n${rows.join("")}} as const;\n`,
);
