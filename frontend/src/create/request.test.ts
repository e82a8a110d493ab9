import { describe, expect, it } from "vitest";
import { Problem } from "../api/client";
import { noChoices } from "./choices";
import { DEFAULTS } from "./parameter_specs";
import { circuitBody, readyRequest, refusedParameters } from "./request";

const full = { ...noChoices(), network: "n", dataset: "d", classes: ["cat"] };

describe("readyRequest", () => {
  it("says what to do next", () => {
    expect(readyRequest(noChoices())).toBe("Choose a network.");
    expect(readyRequest({ ...full, dataset: null })).toBe("Choose a data set.");
    expect(readyRequest({ ...full, classes: [] })).toBe("Choose a class.");
    expect(readyRequest({ ...full, several: true, classes: [] })).toBe("Choose at least one class.");
    expect(readyRequest({ ...full, layers: [] })).toContain("at least one layer");
    expect(readyRequest({ ...full, parameters: { ...DEFAULTS, tau: "x" } })).toContain("Core neurons");
  });

  it("gives the body", () => {
    const ready = readyRequest({ ...full, layers: ["layer4.1"] });
    if (typeof ready === "string") throw new Error(ready);
    expect(circuitBody(ready)).toMatchObject({
      network: "n",
      dataset: "d",
      class: "cat",
      parameters: { images: 50, layers: ["layer4.1"] },
    });
  });
});

describe("refusedParameters", () => {
  it("finds the fields of errors", () => {
    const error = (place: string) => ({ place, value: "1", message: `about ${place}` });
    const errors = ["body.parameters.tau", "body.parameters.crops.2", "body.class", "body.parameters.x"].map(error);
    const found = refusedParameters(new Problem(422, "A value does not fit", "", null, errors));
    expect([...found.keys()]).toEqual(["tau", "crops"]);
  });
});
