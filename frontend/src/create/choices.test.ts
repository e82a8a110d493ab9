import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Choices, noChoices, readChoices, writeChoices } from "./choices";
import { DEFAULTS, PARAMETERS } from "./parameter_specs";

const word = fc.string({ minLength: 1, unit: "grapheme" });
const id = fc.option(word, { nil: null });
const several = fc.uniqueArray(word, { maxLength: 5 });
// A field that is emptied, or padded, means its default or itself: the address has no other form of it.
const typed = fc.string({ minLength: 1 }).map((text) => text.trim() || "1");
const parameters = fc.record(
  Object.fromEntries(PARAMETERS.map(({ name, initial }) => [name, fc.oneof(fc.constant(initial), typed)])),
) as fc.Arbitrary<Choices["parameters"]>;

const choices: fc.Arbitrary<Choices> = fc
  .record({
    network: id,
    dataset: id,
    several: fc.boolean(),
    classes: several,
    layers: fc.option(fc.uniqueArray(word, { minLength: 1, maxLength: 5 }), { nil: null }),
    parameters,
  })
  .map((one) => ({ ...one, classes: one.several ? one.classes : one.classes.slice(0, 1) }));

const names = ["network", "dataset", "class", "layer", "several", "tau", "crops", "other"];
const query = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.string()), { maxLength: 8 })
  .map((pairs) => new URLSearchParams(pairs).toString());

describe("choices in the address", () => {
  it("are restored from the address", () => {
    fc.assert(
      fc.property(choices, (one) => {
        expect(readChoices(writeChoices(one))).toEqual(one);
      }),
    );
  });

  it("are read from any address without failing, and then stay the same", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), query), (search) => {
        const once = readChoices(search);
        expect(readChoices(writeChoices(once))).toEqual(once);
      }),
    );
  });

  it("leave out defaults", () => {
    expect(writeChoices(noChoices())).toBe("");
    expect(readChoices("")).toEqual(noChoices());
    const written = writeChoices({
      ...noChoices(),
      network: "n",
      classes: ["sea lion"],
      parameters: { ...DEFAULTS, tau: "8" },
    });
    expect(written).toBe("?network=n&class=sea+lion&tau=8");
  });

  it("keep an invalid value, so that its field shows the error", () => {
    expect(readChoices("?tau=many").parameters.tau).toBe("many");
  });
});
