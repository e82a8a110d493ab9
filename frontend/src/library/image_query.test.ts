import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { askedImages, type ImageQuery, OUTCOMES, readImageQuery, SPLITS, writeImageQuery } from "./image_query";

const query: fc.Arbitrary<ImageQuery> = fc.record({
  class: fc
    .string({ unit: "grapheme", maxLength: 40 })
    .map((text) => readImageQuery(`?class=${encodeURIComponent(text)}`).class),
  split: fc.constantFrom("" as const, ...SPLITS),
  network: fc.stringMatching(/^([a-z0-9]{1,8}(-[a-z0-9]{1,8})?)?$/),
  outcome: fc.constantFrom("" as const, ...OUTCOMES),
});

describe("the query of pictures", () => {
  it("is read from an address as it was written", () => {
    fc.assert(
      fc.property(query, (wanted) => {
        expect(readImageQuery(writeImageQuery(wanted))).toEqual(wanted);
      }),
    );
  });

  it("ignores invalid values, and requests outcomes only with a network", () => {
    expect(readImageQuery("?network=../x&split=all&outcome=maybe")).toEqual({
      class: "",
      network: "",
      split: "",
      outcome: "",
    });
    expect(askedImages(readImageQuery("?outcome=wrong&split=test"))).toEqual({ split: "test" });
    expect(askedImages(readImageQuery("?outcome=wrong&network=resnet"))).toEqual({
      network: "resnet",
      outcome: "wrong",
    });
  });
});
