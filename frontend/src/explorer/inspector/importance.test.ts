import { describe, expect, it } from "vitest";
import { signedPercent } from "../../base/format";
import { contributionFact, factsOf } from "./importance";

const group = { contribution: 0.22, logit_drop: 1.7, held_out: 20, silhouette: 0.41 };

describe("figures in words", () => {
  it("say what a group does", () => {
    const [contribution, drop, silhouette] = factsOf(group, "cat");
    expect(contribution?.value).toBe("+22 %");
    expect(contribution?.words).toBe("It carries much of the score of “cat”.");
    expect(drop?.words).toContain("falls by 1.70 on average over 20 held-out images");
    expect(silhouette?.words).toBe("Fairly well separated from other groups.");
  });

  it("depend on the sign", () => {
    const [contribution, drop, silhouette] = factsOf(
      { contribution: -0.3, logit_drop: -0.5, held_out: 1, silhouette: -0.1 },
      "cat",
    );
    expect(contribution?.words).toBe("It speaks strongly against “cat”.");
    expect(drop?.words).toContain("rises by 0.50 on average over 1 held-out image.");
    expect(drop?.value).toBe("−0.50");
    expect(silhouette?.value).toBe("−0.10");
  });

  it("say what was not measured", () => {
    const facts = factsOf({ contribution: 0, logit_drop: null, held_out: 0, silhouette: null }, "cat");
    expect(facts.map(({ value }) => value)).toEqual(["0 %", "–", "–"]);
  });

  it("have one more digit if they are small", () => {
    expect([signedPercent(0.031), signedPercent(-0.5), signedPercent(0.0001)]).toEqual(["+3.1 %", "−50 %", "0 %"]);
    expect(contributionFact(0.0001, "cat").words).toContain("next to nothing");
  });
});
