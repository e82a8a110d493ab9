import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OVERVIEW, settled } from "../../testing/circuit";
import {
  ANALYSIS,
  button,
  CLASS_NAMES,
  JOB,
  JobStream,
  lensContext,
  stubLens,
  throughCircuit,
  type,
  words,
} from "../../testing/lens_sections";
import { isRight, WhyWrong } from "./why_wrong";

const CAT = "cat & <i>co</i>";
const circuitOf = (id: string, name: string, change: object = {}) => ({
  id,
  name,
  class: name,
  network: { id: "n", name: "ResNet" },
  dataset: { id: "d", name: "Photos" },
  state: "succeeded",
  created_at: "2026-01-01T12:00:00Z",
  computed_at: "2026-01-01T12:01:00Z",
  counts: null,
  cover: [],
  job: JOB,
  ...change,
});
const group = (id: string, disagreement: number, percentile: number) => ({
  group: id,
  layer: id.slice(0, id.lastIndexOf("/")),
  score: 1.31,
  percentile,
  contribution: 0.2,
  disagreement,
  picture: "/picture",
});
const WRONG = throughCircuit("dog-1", 0, "dog");
const FOUND = {
  wrong: WRONG,
  right: ANALYSIS,
  fired: [group("low/1", 0.2, 90), group("mid/x/1", 0.1, 40)],
  missed: [group("mid/x/2", 0.3, 1)],
};
const page = (...items: unknown[]) => ({ items, next: null });
const EXEMPLARS = page(...[1, 2, 3].map((rank) => ({ rank, picture: `/exemplar/${rank}` })));
const CLASSES = CLASS_NAMES.map((name, index) => {
  const twice = name === "crane";
  const shown = twice ? `${name} (#${index})` : name;
  return { index, name: twice ? `#${index}` : name, shown, labels: [], images: null };
});
const ANSWERS: Record<string, unknown> = {
  "GET /networks/n/classes": { labelled: false, classes: CLASSES, unmatched: [] },
  "GET /circuits": page(circuitOf("far-1", "dog", { dataset: { id: "other", name: "" } }), circuitOf("dog-1", "dog")),
  "POST /analyses": WRONG,
  [`GET /analyses/${WRONG.id}/disagreement`]: FOUND,
  "GET /circuits/dog-1/groups/low/1/exemplars": EXEMPLARS,
  "GET /circuits/dog-1/groups/mid/x/1/exemplars": EXEMPLARS,
  "GET /circuits/cat-7k2m9/groups/mid/x/2/exemplars": EXEMPLARS,
};
/** An image whose label means the class of the same name, if there is one. */
const labelled = (label: string | null, change: object = {}) => {
  const truth = CLASSES.find(({ name }) => name === label) ?? null;
  return lensContext({ analysis: { ...ANALYSIS, label, truth }, ...change });
};

beforeEach(() => {
  vi.stubGlobal("EventSource", JobStream);
  JobStream.all.length = 0;
});
afterEach(() => vi.unstubAllGlobals());

describe("whether the network is right", () => {
  it("depends on the class of the label", () => {
    const truth = (index: number) => ({ index, name: "", shown: "" });
    expect(isRight({ ...ANALYSIS, label: "Dog_", truth: truth(0) })).toBe(true);
    expect(isRight({ ...ANALYSIS, label: "cat", truth: truth(1) })).toBe(false);
    expect(isRight({ ...ANALYSIS, label: "no such class", truth: null })).toBe(false);
    expect(isRight({ ...ANALYSIS, label: null, truth: null })).toBeNull();
  });
});

describe("Why wrong?", () => {
  it("shows both classes' groups beside each other", async () => {
    const asked = stubLens(ANSWERS);
    const context = labelled(CAT);
    const { element } = new WhyWrong(context, "n");
    await settled();
    const trail = asked.map(({ method, path }) => `${method} ${path}`);
    expect(trail.slice(0, 4)).toEqual([
      "GET /networks/n/classes",
      "GET /circuits",
      "POST /analyses",
      `GET /analyses/${WRONG.id}/disagreement`,
    ]);
    expect(asked[1]?.query).toEqual({ network: "n", class: "dog" });
    expect(asked[2]?.body).toEqual({ circuit: "dog-1", analysis: "photo-1" });
    expect(asked[3]?.query).toEqual({ other: "photo-1" });
    expect(words(element)).toContain(`The network predicts “dog” (91 %); the true class is “${CAT}”.`);
    const [fired, missed] = element.querySelectorAll<HTMLElement>(".wrong-column");
    expect(words(fired as HTMLElement)).toContain(
      "Fired for dog (wrong)The strongest support for “dog” came from group 1 in low.",
    );
    expect(words(missed as HTMLElement)).toContain(
      `Missed for ${CAT} (right)The strongest support that is missing for “${CAT}” is group 2 in mid/x.`,
    );
    expect(words(fired?.querySelector("li") as Element)).toContain("Group 1 in low0.20percentile 90 · M 1.31");
    expect(element.querySelector("i")).toBeNull();
  });

  it("selects groups of this circuit, and links to those of the other", async () => {
    stubLens(ANSWERS);
    const context = labelled(CAT);
    const { element } = new WhyWrong(context, "n");
    await settled();
    button(element, "Group 2 in mid/x").click();
    expect(context.select).toHaveBeenCalledWith("mid/x/2");
    expect(button(element, "Group 1 in low").getAttribute("href")).toBe(
      "/circuits/dog-1?v=1&select=low%2F1&panel=image&analysis=photo-of-dog-1",
    );
  });

  it("shows the image's crop beside the exemplars", async () => {
    stubLens(ANSWERS);
    const { element } = new WhyWrong(labelled(CAT), "n");
    await settled();
    const parts = element.querySelector(".wrong-parts") as HTMLElement;
    expect(words(parts)).toBe("this cropexemplars");
    expect([...parts.querySelectorAll("img")].map((image) => image.getAttribute("src"))).toEqual([
      "/photo",
      "/exemplar/1",
      "/exemplar/2",
      "/exemplar/3",
    ]);
  });

  it("says only that a correct prediction is correct", async () => {
    const asked = stubLens(ANSWERS);
    const { element } = new WhyWrong(labelled("dog"), "n");
    await settled();
    expect(words(element)).toBe("The prediction “dog” is correct.");
    expect(asked).toHaveLength(1);
  });

  it("asks for the true class if there is no label", async () => {
    stubLens(ANSWERS);
    const { element } = new WhyWrong(labelled("no such <b>class</b>"), "n");
    await settled();
    expect(words(element)).toContain("The data set’s label “no such <b>class</b>” is not a class of this network.");
    const options = [...element.querySelectorAll("option")].map((option) => option.getAttribute("value"));
    expect(options).toEqual(["dog", CAT, "crane (#2)", "crane (#3)"]);
    type(element.querySelector("input"), "cat");
    element.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settled();
    expect(element.querySelectorAll(".wrong-column")).toHaveLength(2);
  });

  it("uses two other circuits if this one is of a third class", async () => {
    const third = throughCircuit("crane-1", 2, "crane");
    const asked = stubLens({
      ...ANSWERS,
      "GET /circuits": ({ query }: { query: Record<string, string> }) =>
        page(query.class === "dog" ? circuitOf("dog-1", "dog") : circuitOf("crane-1", "#2")),
      "POST /analyses": ({ body }: { body: unknown }) =>
        (body as { circuit: string }).circuit === "dog-1" ? WRONG : third,
    });
    const { element } = new WhyWrong(labelled(null), "n");
    await settled();
    type(element.querySelector("input"), "crane (#2)");
    element.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settled();
    expect(asked.filter(({ path }) => path === "/circuits").map(({ query }) => query.class)).toEqual(["dog", "#2"]);
    const comparison = asked.find(({ path }) => path.endsWith("/disagreement"));
    expect(comparison?.query).toEqual({ other: "photo-of-crane-1" });
  });

  it("offers to compute a circuit that is missing, and goes on when it is there", async () => {
    const running = circuitOf("dog-1", "dog", { state: "running", computed_at: null });
    const answers = { ...ANSWERS, "GET /circuits": page(), "POST /circuits": running };
    const asked = stubLens(answers);
    const { element } = new WhyWrong(labelled(CAT), "n");
    await settled();
    expect(words(element)).toContain("There is no circuit of “dog” yet.");
    button(element, "Compute circuit of dog").click();
    await settled();
    expect(asked.at(-1)?.body).toEqual({
      network: "n",
      dataset: "d",
      class: "dog",
      parameters: OVERVIEW.parameters,
    });
    expect(element.querySelector(".live")).not.toBeNull();
    answers["GET /circuits"] = page(circuitOf("dog-1", "dog"));
    JobStream.all[0]?.end("succeeded");
    await settled();
    expect(element.querySelectorAll(".wrong-column")).toHaveLength(2);
  });

  it("follows a circuit that is being computed", async () => {
    const running = circuitOf("dog-1", "dog", { state: "running", computed_at: null });
    stubLens({ ...ANSWERS, "GET /circuits": page(running) });
    const { element } = new WhyWrong(labelled(CAT), "n");
    await settled();
    expect(words(element)).toContain("Computing the circuit of “dog”");
    expect(JobStream.all[0]?.url).toBe("/api/v1/jobs/job-1/events");
  });

  it("links to the page of a new circuit if the data set is not available", async () => {
    stubLens({ ...ANSWERS, "GET /circuits": page() });
    const { element } = new WhyWrong(labelled(CAT, { overview: { ...OVERVIEW, dataset: null } }), "n");
    await settled();
    expect(button(element, "Compute circuit of dog…").getAttribute("href")).toBe("/circuits/new?network=n&class=dog");
  });

  it("repeats an analysis of a previous version of the circuit", async () => {
    const asked = stubLens({
      ...ANSWERS,
      "POST /analyses": { ...WRONG, current: false },
      [`POST /analyses/${WRONG.id}/repeat`]: { ...WRONG, state: "running" },
      [`GET /analyses/${WRONG.id}`]: WRONG,
    });
    const { element } = new WhyWrong(labelled(CAT), "n");
    await settled();
    expect(asked.at(-1)?.path).toBe(`/analyses/${WRONG.id}/repeat`);
    JobStream.all[0]?.end("succeeded");
    await settled();
    expect(element.querySelectorAll(".wrong-column")).toHaveLength(2);
  });

  it.each(["GET /networks/n/classes", "GET /circuits", "POST /analyses", `GET /analyses/${WRONG.id}/disagreement`])(
    "fails calmly at %s, and tries again",
    async (step) => {
      const answers = { ...ANSWERS, [step]: 500 };
      stubLens(answers);
      const { element } = new WhyWrong(labelled(CAT), "n");
      await settled();
      expect(element.querySelector("[role=alert]")?.textContent).toContain("It failed");
      answers[step] = ANSWERS[step];
      button(element, "Try again").click();
      await settled();
      expect(element.querySelectorAll(".wrong-column")).toHaveLength(2);
    },
  );

  it("stays unchanged once another image is shown", async () => {
    const asked = stubLens(ANSWERS);
    const context = labelled(CAT);
    const { element } = new WhyWrong(context, "n");
    context.stop.abort();
    await settled();
    expect(asked).toHaveLength(1);
    expect(element.querySelector("[role=alert]")).toBeNull();
  });
});
