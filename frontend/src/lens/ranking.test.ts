import { afterEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../testing/circuit";
import { button, lensContext, measurementOf, stubLens, words } from "../../testing/lens_sections";
import { rankingSentence } from "../circuit/section_words";
import { Ranking } from "./ranking";
import { lensSections } from "./sections";

const ranked = (group: string, drop: number, after = "dog") => ({
  group,
  layer: group.slice(0, group.lastIndexOf("/")),
  logit_drop: drop,
  probability_drop: drop / 10,
  predicted_after: after,
});
const GROUPS = [ranked("mid/x/1", 2.75, "<b>cat</b>"), ranked("low/1", 0.5), ranked("low/2", -1)];
const RANKING = measurementOf("ranking", { ranking: { class: "dog", groups: GROUPS } });
const MEASURE = "POST /measurements";
const boxes = (root: HTMLElement) => [...root.querySelectorAll<HTMLInputElement>(".lens-ranked input")];

afterEach(() => vi.unstubAllGlobals());

describe("the ranking in words", () => {
  it("says what counts most, and what would change the answer", () => {
    expect(rankingSentence(GROUPS, "dog", "dog")).toBe(
      "Group 1 in mid/x supports “dog” most: without it, the logit falls by 2.75. 1 group changes the " +
        "prediction “dog” when knocked out alone. 1 group speaks against “dog”.",
    );
    expect(rankingSentence([ranked("low/1", -1)], "cat", "dog")).toBe(
      "No group supports “cat” here. No single group changes the prediction “dog”. 1 group speaks against “cat”.",
    );
  });
});

describe("Why this class?", () => {
  it("requests the predicted class, and shows each group's drop", async () => {
    const asked = stubLens({ [MEASURE]: RANKING });
    const { element } = new Ranking(lensContext());
    await settled();
    expect(asked[0]?.body).toMatchObject({ kind: "ranking", analysis: "photo-1", groups: [] });
    expect(asked[0]?.body).not.toHaveProperty("class");
    const rows = [...element.querySelectorAll(".lens-ranked")];
    expect(rows.map(words)).toEqual([
      "Group 1 in mid/x+2.75+27.5 points · prediction becomes <b>cat</b>",
      "Group 1 in low+0.50+5.0 points",
      "Group 2 in low−1.00−10.0 points",
    ]);
    expect(rows[2]?.querySelector(".fill.negative")).not.toBeNull();
    expect(rows[0]?.querySelector("b")).toBeNull();
  });

  it("requests another class by its index, as several can have one name", async () => {
    const asked = stubLens({ [MEASURE]: RANKING });
    const { element } = new Ranking(lensContext());
    const choice = element.querySelector("select") as HTMLSelectElement;
    expect([...choice.options].map(({ text }) => text)).toEqual([
      "dog (prediction)",
      "cat & <i>co</i> (this circuit’s class)",
    ]);
    choice.value = "1";
    choice.dispatchEvent(new Event("change"));
    await settled();
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(asked[1]?.body).toMatchObject({ class: "#1" });
    expect(words(element)).toContain("supports “cat & <i>co</i>” most");
  });

  it("selects a group and highlights it", async () => {
    stubLens({ [MEASURE]: RANKING });
    const context = lensContext();
    const { element } = new Ranking(context);
    await settled();
    const group = button(element, "Group 1 in low");
    group.dispatchEvent(new Event("focus"));
    group.click();
    expect(context.hover).toHaveBeenCalledWith("low/1");
    expect(context.select).toHaveBeenCalledWith("low/1");
    button(element, "Logit drop").click();
    expect(context.define).toHaveBeenCalledWith("logitDrop");
  });

  it("reports a failure, and tries again", async () => {
    const answers: Record<string, unknown> = { [MEASURE]: 502 };
    stubLens(answers);
    const { element } = new Ranking(lensContext());
    await settled();
    expect(element.querySelector("[role=alert]")).not.toBeNull();
    answers[MEASURE] = RANKING;
    button(element, "Try again").click();
    await settled();
    expect(element.querySelectorAll(".lens-ranked")).toHaveLength(3);
  });
});

describe("the sections together", () => {
  it("request nothing until they are opened", async () => {
    const asked = stubLens({ [MEASURE]: RANKING });
    const sections = lensSections(lensContext());
    await settled();
    expect(sections.map((section) => section.querySelector("h3")?.textContent)).toEqual([
      "Why this class?",
      "What if",
      "Why wrong?",
      "Compare with another image",
      "Pixels",
    ]);
    expect(asked).toHaveLength(0);
  });

  it("take groups from the ranking into What if, and back", async () => {
    stubLens({ [MEASURE]: RANKING });
    const [why, whatIf] = lensSections(lensContext()) as [HTMLElement, HTMLElement];
    document.body.replaceChildren(why, whatIf);
    open(why);
    await settled();
    const [first, second] = boxes(why);
    first?.click();
    expect(whatIf.querySelector("details")?.open).toBe(true);
    expect(words(whatIf.querySelector(".what-if-rows") as Element)).toContain("Group 1 in mid/x");
    button(whatIf, "Add all 2 that fire").click();
    expect(second?.checked).toBe(true);
    button(whatIf, "Remove group 1 in mid/x").click();
    expect(first?.checked).toBe(false);
    second?.click();
    expect(whatIf.querySelectorAll(".what-if-row")).toHaveLength(0);
  });

  it("hide “Why wrong?” for correct predictions, and open it for wrong ones", async () => {
    stubLens({});
    const titled = (label: string, index: number) => {
      const truth = { index, name: label, shown: label };
      const context = lensContext({ analysis: { ...lensContext().analysis, label, truth } });
      const sections = lensSections(context);
      return sections.find((section) => section.querySelector("h3")?.textContent === "Why wrong?");
    };
    expect(titled("Dog", 0)).toBeUndefined();
    expect(titled("crane", 2)?.querySelector("details")?.open).toBe(true);
    await settled();
  });
});

function open(section: HTMLElement): void {
  const details = section.querySelector("details") as HTMLDetailsElement;
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
}
