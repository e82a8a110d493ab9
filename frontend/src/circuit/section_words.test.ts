import { describe, expect, it } from "vitest";
import { CHANGE, HELD, KNOCKED } from "../../testing/lens_sections";
import { heldOutSentence, knockOutSentence } from "./section_words";

const out = (groups: number) => Array.from({ length: groups }, () => ({ factor: 0 }));

describe("the effect of a knock-out, in words", () => {
  it("names the new prediction", () => {
    expect(knockOutSentence(out(3), { ...KNOCKED, predicted_after: "cat" })).toBe(
      "Without these 3 groups (41 neurons), the network predicts “cat” instead of “dog”. The probability of “dog” " +
        "falls from 91 % to 40 %; as many random neurons change it by −0.4 ± 0.3 points.",
    );
  });

  it("gives the new probability", () => {
    const still = { ...KNOCKED, neurons: 1, predicted_after: "dog" };
    expect(knockOutSentence(out(1), still)).toBe(
      "Without this group (1 neuron), the network still predicts “dog”, with 40 % instead of 91 %. As many random " +
        "neurons change it by −0.4 ± 0.3 points.",
    );
    const same = { ...still, random_sets: 0, classes: [{ ...CHANGE, probability_after: 0.91 }] };
    expect(knockOutSentence([{ factor: 2 }], same)).toBe(
      "With this group times 2 (1 neuron), the network still predicts “dog”, with an unchanged 91 %.",
    );
  });

  it("gives the accuracy over many images", () => {
    expect(heldOutSentence(out(2), HELD)).toBe(
      "Without these 2 groups (41 neurons), the accuracy on 20 held-out images of “cat” falls from 95 % to 40 %; " +
        "as many random neurons change it by −1.0 ± 2.0 points. The mean logit changes by −3.25, with random " +
        "neurons by −0.20 ± 0.10.",
    );
  });
});
