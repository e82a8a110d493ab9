import { describe, expect, it } from "vitest";
import { term, termMark } from "./term";

const PERCENTILE = { meaning: "How <many> score lower.", anchor: "percentile" };

describe("a term", () => {
  it("shows its meaning, and opens the glossary in a new tab", () => {
    const link = term("Percentile", PERCENTILE);
    expect(link.textContent).toBe("Percentile");
    expect(link.title).toBe("How <many> score lower.");
    expect(link.getAttribute("href")).toBe("/glossary#percentile");
    expect([link.target, link.rel]).toEqual(["_blank", "noopener"]);
  });

  it("is a mark with an accessible name beside a button or label", () => {
    const mark = termMark("Percentile", PERCENTILE);
    expect(mark.textContent).toBe("");
    expect(mark.getAttribute("aria-label")).toBe("Percentile in the glossary");
    expect(mark.getAttribute("href")).toBe("/glossary#percentile");
  });
});
