import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asked,
  EVERYTHING,
  type GalleryQuery,
  isFiltered,
  readQuery,
  SORTS,
  STATES,
  writeQuery,
} from "./gallery_query";

const word = fc
  .string({ unit: "grapheme", maxLength: 40 })
  .filter((text) => readQuery(`?q=${encodeURIComponent(text)}`).q === text);
const id = fc.stringMatching(/^([a-z0-9]{1,8}(-[a-z0-9]{1,8})?)?$/);
const query: fc.Arbitrary<GalleryQuery> = fc.record({
  q: word,
  network: id,
  dataset: id,
  class: word,
  owner: id,
  space: id,
  state: fc.constantFrom("" as const, ...(Object.keys(STATES) as (keyof typeof STATES)[])),
  sort: fc.constantFrom(...SORTS),
});

describe("the gallery's query", () => {
  it("is read from an address as it was written", () => {
    fc.assert(
      fc.property(query, (wanted) => {
        expect(readQuery(writeQuery(wanted))).toEqual(wanted);
      }),
    );
  });

  it("is valid for any address", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (search) => {
        const found = readQuery(search);
        expect(readQuery(writeQuery(found))).toEqual(found);
      }),
    );
  });

  it("writes only the filters to the address", () => {
    expect(writeQuery(EVERYTHING)).toBe("");
    expect(isFiltered(EVERYTHING)).toBe(false);
    expect(writeQuery({ ...EVERYTHING, state: "open" })).toBe("?state=open");
    expect(isFiltered({ ...EVERYTHING, sort: "name" })).toBe(false);
  });

  it("ignores invalid ids, orders and multi-line texts", () => {
    expect(readQuery("?network=../x&sort=worst&state=constructor&q=a%00b")).toEqual({ ...EVERYTHING, q: "ab" });
  });

  it("translates states and orders for the API", () => {
    expect(asked({ ...EVERYTHING, state: "open", sort: "name-desc" })).toEqual({
      state: ["queued", "running"],
      sort: "name",
      order: "desc",
    });
  });
});
