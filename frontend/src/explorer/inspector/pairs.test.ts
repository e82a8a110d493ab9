import { describe, expect, it } from "vitest";
import { answersOf, LINKS } from "../../../testing/circuit";
import type { EdgeDetail } from "../../circuit/answers";
import { linksBetween, net, pairsOf, partsOfSum, patchesOf } from "./pairs";

const detail = answersOf()["/edges/detail"] as EdgeDetail;

describe("pairs of neurons", () => {
  it("sum their links and keep apart what cancels", () => {
    const [first, second] = pairsOf(LINKS);
    expect(first).toEqual({ source: 0, target: 3, positive: 0.7, negative: -0.2 });
    expect(first && net(first)).toBeCloseTo(0.5);
    expect(second?.target).toBe(4);
  });

  it("puts pairs that cancel where their parts belong", () => {
    const cancelling = LINKS.slice(0, 2).map((link, index) => ({ ...link, weight: index === 0 ? 0.9 : -0.9 }));
    const single = LINKS.slice(2).map((link) => ({ ...link, weight: 0.1 }));
    expect(pairsOf([...single, ...cancelling]).map(({ target }) => target)).toEqual([3, 4]);
  });

  it("are those of a part if an end is a part", () => {
    expect(linksBetween([detail], "low/1", "mid/x/1#4.1")).toEqual(LINKS.slice(2));
    expect(linksBetween([detail], "low/1#7.0", "mid/x/1")).toEqual([]);
  });

  it("are unknown if one of the edges has no links", () => {
    expect(linksBetween([detail, { ...detail, links: null }], "low/1", "mid/x/1")).toBeNull();
    expect(patchesOf([detail, { ...detail, patches: null }])).toBeNull();
  });
});

describe("patches of an edge", () => {
  it("are summed over the edges that it stands for", () => {
    expect(patchesOf([detail, detail])?.map(({ weight }) => weight)).toEqual([-0.1]);
  });
});

it("positive and negative parts of a sum are separate", () => {
  expect(partsOfSum([0.5, -0.2, 0.1])).toEqual({ positive: 0.6, negative: -0.2 });
});
