import { describe, expect, it } from "vitest";
import { term, termMark } from "./term";

const PERCENTILE = { meaning: "How <many> score lower.", anchor: "percentile" };

describe("a term", () => {
  it("says what it means, and leads to the glossary without leaving the page", () => {
    const link = term("Percentile", PERCENTILE);
    expect(link.textContent).toBe("Percentile");
    expect(link.title).toBe("How <many> score lower.");
    expect(link.getAttribute("href")).toBe("/glossary#percentile");
    expect([link.target, link.rel]).toEqual(["_blank", "noopener"]);
  });

  it("is a mark with a name where its own name is a button", () => {
    const mark = termMark("Percentile", PERCENTILE);
    expect(mark.textContent).toBe("");
    expect(mark.getAttribute("aria-label")).toBe("Percentile in the glossary");
    expect(mark.getAttribute("href")).toBe("/glossary#percentile");
  });
});
