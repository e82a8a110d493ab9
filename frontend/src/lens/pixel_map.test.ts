import { afterEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../testing/circuit";
import { button, lensContext, measurementOf, stubLens, words } from "../../testing/lens_sections";
import { PixelMap, pixelSentence, rgb, signedBytes, signedPixels } from "./pixel_map";

const MEASURE = "POST /measurements";
const PIXELS = {
  group: "mid/x/1",
  box: { left: 10, top: 20, right: 60, bottom: 70 },
  width: 2,
  height: 2,
  values: "AH+BQA==",
  highest: 0.2,
  total: 1.02,
  expected: 1.04,
};
const run = (element: HTMLElement) =>
  element.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));

afterEach(() => vi.unstubAllGlobals());

describe("signed pixels", () => {
  it("keep their signs", () => {
    expect([...signedBytes("AH+BQA==")]).toEqual([0, 127, -127, 64]);
  });

  it("have a colour for each sign, and are transparent for 0", () => {
    const pixels = signedPixels(signedBytes("AH+BQA=="), rgb("#0000ff"), rgb("#ff8000"));
    expect([...pixels.slice(0, 4)]).toEqual([0, 0, 255, 0]);
    expect([...pixels.slice(4, 8)]).toEqual([0, 0, 255, 255]);
    expect([...pixels.slice(8, 12)]).toEqual([255, 128, 0, 255]);
    expect(pixels[15]).toBeGreaterThan(127);
    expect(pixels[15]).toBeLessThan(255);
  });

  it("say how well they explain the activation", () => {
    expect(pixelSentence({ total: 1.024, expected: -0.1 })).toBe(
      "The pixels add up to 1.02. The activation minus that on grey is −0.10.",
    );
  });
});

describe("Pixels", () => {
  it("starts with the group that fires most, or the selected one", () => {
    stubLens({});
    const choice = (context = lensContext()) => new PixelMap(context).element.querySelector("select")?.value;
    expect(choice()).toBe("mid/x/1");
    expect(choice(lensContext({ selected: () => "low/2" }))).toBe("low/2");
    expect(choice(lensContext({ selected: () => "fc/1" }))).toBe("mid/x/1");
  });

  it("draws them over the crop in grey", async () => {
    const asked = stubLens({ [MEASURE]: measurementOf("pixels", { pixels: PIXELS }) });
    const { element } = new PixelMap(lensContext());
    run(element);
    await settled();
    expect(asked[0]?.body).toMatchObject({
      kind: "pixels",
      analysis: "photo-1",
      groups: [{ group: "mid/x/1", factor: 0 }],
    });
    const canvas = element.querySelector("canvas");
    expect([canvas?.width, canvas?.height]).toEqual([2, 2]);
    expect(canvas?.parentElement?.querySelector("img")?.getAttribute("src")).toBe("/photo");
    expect(words(element)).toContain("The pixels add up to 1.02. The activation minus that on grey is 1.04.");
    // The whole image behind the window of its crop: 50 by 50 pixels at (10, 20) of 100 by 200.
    const { style } = canvas?.previousElementSibling as HTMLElement;
    expect([style.width, style.height, style.left, style.top]).toEqual([
      "200.000%",
      "400.000%",
      "-20.000%",
      "-40.000%",
    ]);
  });

  it("reports a failure, and tries again", async () => {
    const answers: Record<string, unknown> = { [MEASURE]: 500 };
    stubLens(answers);
    const { element } = new PixelMap(lensContext());
    run(element);
    await settled();
    answers[MEASURE] = measurementOf("pixels", { pixels: PIXELS });
    button(element, "Try again").click();
    await settled();
    expect(element.querySelector("canvas")).not.toBeNull();
  });
});
