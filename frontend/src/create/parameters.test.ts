import fc from "fast-check";
import { describe, expect, it } from "vitest";
import openapi from "../../openapi.json?raw";
import { DEFAULTS, MOST_CROPS, PARAMETERS, type ParameterName } from "./parameter_specs";
import { checkParameter, checkParameters } from "./parameters";

interface Property {
  default: unknown;
  minimum?: number;
  maximum?: number;
  type?: string;
  enum?: string[];
  maxItems?: number;
  items?: Property;
}

const told: Record<string, Property> = JSON.parse(openapi).components.schemas.TraceParameters.properties;

const spec = (name: ParameterName) => {
  const found = PARAMETERS.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
};
const check = (name: ParameterName, typed: string) => checkParameter(spec(name), typed);

describe("the table of parameters", () => {
  it("matches the API, except for the layers", () => {
    expect(PARAMETERS.map(({ name }) => name).sort()).toEqual(
      Object.keys(told)
        .filter((name) => name !== "layers")
        .sort(),
    );
    for (const one of PARAMETERS) {
      const property = told[one.name];
      expect(checkParameter(one, one.initial)).toEqual({ value: property?.default });
      if (one.choices) {
        expect(Object.keys(one.choices)).toEqual(property?.enum);
        continue;
      }
      const bounds = one.kind === "fractions" ? property?.items : property;
      expect([one.low, one.high]).toEqual([bounds?.minimum, bounds?.maximum]);
      expect(one.kind === "whole").toBe(property?.type === "integer");
    }
    expect(told.crops?.maxItems).toBe(MOST_CROPS);
  });
});

describe("checkParameter", () => {
  it("takes whole numbers within the range, and no others", () => {
    fc.assert(
      fc.property(fc.integer({ min: -100, max: 20_000 }), (value) => {
        expect("value" in check("images", ` ${value} `)).toBe(value >= 1 && value <= 10_000);
      }),
    );
    for (const typed of ["", "many", "1.5", "0x10", "1,000", "NaN", "Infinity", "1e99"]) {
      expect(check("images", typed)).toHaveProperty("problem");
    }
    expect(check("images", "1e3")).toEqual({ value: 1000 });
  });

  it("takes numbers", () => {
    expect(check("min_silhouette", "-.5")).toEqual({ value: -0.5 });
    expect(check("completeness", "0")).toHaveProperty("problem");
  });

  it("takes window sizes as decimals or fractions, each once", () => {
    expect(check("crops", "1, 1/2 0.25;")).toEqual({ value: [1, 0.5, 0.25] });
    for (const typed of ["", "2", "0.01", "1, 1", "1/0", "1/2/2", "a", "1 .9 .8 .7 .6 .5 .4"]) {
      expect(check("crops", typed), typed).toHaveProperty("problem");
    }
  });

  it("takes the values of a choice", () => {
    expect(check("tokens", "class")).toEqual({ value: "class" });
    expect(check("tokens", "toString")).toHaveProperty("problem");
  });
});

describe("checkParameters", () => {
  it("gives all values", () => {
    expect(checkParameters(DEFAULTS)).toMatchObject({ values: { tau: 16, crops: [1, 0.5, 0.25], tokens: "mean" } });
  });

  it("returns every error, and compares the two numbers of nodes", () => {
    const checked = checkParameters({ ...DEFAULTS, tau: "0", seed: "x" });
    expect("problems" in checked && [...checked.problems.keys()]).toEqual(["tau", "seed"]);
    const nodes = checkParameters({ ...DEFAULTS, nodes: "40" });
    expect("problems" in nodes && nodes.problems.get("max_nodes")).toContain("40");
  });
});
