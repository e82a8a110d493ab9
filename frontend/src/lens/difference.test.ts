import { afterEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../testing/circuit";
import { button, CARD, lensContext, stubLens, words } from "../../testing/lens_sections";
import { Difference } from "./difference";
import { differenceSentence } from "./difference_table";

const row = (group: string, percentile: number | null, other: number | null, fires = true, otherFires = true) => ({
  group,
  layer: group.slice(0, group.lastIndexOf("/")),
  score: 1,
  other_score: 1,
  percentile,
  other_percentile: other,
  fires,
  other_fires: otherFires,
  difference: percentile === null || other === null ? null : other - percentile,
});
const OTHER = { ...CARD, id: "other-1", name: "other <i>2</i>.jpg" };
const GROUPS = [row("mid/x/1", 50, 60), row("low/2", null, 3, false, false), row("low/1", 90, 5, true, false)];
const FOUND = { one: CARD, other: OTHER, groups: GROUPS };
const PAGE = { items: [CARD, OTHER, { ...OTHER, id: "old-1", current: false }], next: null };
const ANSWERS = { "GET /analyses": PAGE, "GET /analyses/photo-1/difference": FOUND };
const names = (root: HTMLElement) => [...root.querySelectorAll("tbody th")].map(words);

afterEach(() => vi.unstubAllGlobals());

describe("the difference in words", () => {
  it("names common groups and differences", () => {
    expect(differenceSentence(GROUPS)).toBe(
      "1 group fires for both images, 1 only for this one, 0 only for the other. The largest difference is in group 1 in low: " +
        "percentile 90 here, 5 there.",
    );
    expect(differenceSentence([])).toBe("0 groups fire for both images, 0 only for this one, 0 only for the other.");
  });
});

describe("Compare with another image", () => {
  it("offers the other images that fit", async () => {
    const asked = stubLens(ANSWERS);
    const { element } = new Difference(lensContext());
    await settled();
    expect(asked[0]?.query).toMatchObject({ circuit: "cat-7k2m9" });
    expect([...element.querySelectorAll("li")].map(words)).toEqual(["other <i>2</i>.jpgdog, 91 %"]);
    expect(element.querySelector("i")).toBeNull();
  });

  it("says so if there is no other image", async () => {
    stubLens({ "GET /analyses": { items: [CARD], next: null } });
    const { element } = new Difference(lensContext());
    await settled();
    expect(words(element)).toContain("You need a second image.");
  });

  it("orders groups by how much they differ, or by layer", async () => {
    const asked = stubLens(ANSWERS);
    const context = lensContext();
    const { element } = new Difference(context);
    await settled();
    button(element, /other/).click();
    await settled();
    expect(asked.at(-1)?.query).toEqual({ other: "other-1" });
    expect(names(element)).toEqual(["Group 1 in low", "Group 1 in mid/x", "Group 2 in low"]);
    const order = element.querySelector("select") as HTMLSelectElement;
    order.value = "layer";
    order.dispatchEvent(new Event("change"));
    expect(names(element)).toEqual(["Group 1 in mid/x", "Group 1 in low", "Group 2 in low"]);
    const cells = [...element.querySelectorAll("tbody tr")].map(words);
    expect(cells[1]).toBe("Group 1 in low90 ● fires5 does not fire−85");
    expect(cells[2]).toContain("– does not fire3 does not fire–");
    expect(element.querySelector(".fill.negative")).not.toBeNull();
    button(element, /^Open other/).click();
    expect(context.open).toHaveBeenCalledWith(OTHER);
    button(element, "Choose another").click();
    await settled();
    expect(element.querySelectorAll("li")).toHaveLength(1);
  });

  it("reports a failure, and tries again", async () => {
    const answers: Record<string, unknown> = { "GET /analyses": 500 };
    stubLens(answers);
    const { element } = new Difference(lensContext());
    await settled();
    answers["GET /analyses"] = PAGE;
    button(element, "Try again").click();
    await settled();
    button(element, /other/).click();
    await settled();
    expect(element.querySelector("[role=alert]")).not.toBeNull();
    Object.assign(answers, { "GET /analyses/photo-1/difference": 409 });
    button(element, "Choose another").click();
    await settled();
    button(element, /other/).click();
    await settled();
    expect(button(element, "Re-run")).not.toBeNull();
  });
});
