import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  button,
  HELD,
  JobStream,
  KNOCKED,
  lensContext,
  measurementOf,
  stubLens,
  type,
  words,
} from "../../testing/lens_sections";
import { Problem } from "../api/client";
import { WhatIf } from "./what_if";

const MEASURE = "POST /measurements";
const knocked = measurementOf("knock_out", { knock_out: KNOCKED });
const later = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const slider = (root: HTMLElement, at = 0) => root.querySelectorAll("input[type=range]")[at] ?? null;
const field = (root: HTMLElement, at = 0) => root.querySelectorAll("input[type=number]")[at] ?? null;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", JobStream);
  JobStream.all.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("What if", () => {
  it("runs after a pause, with each factor", async () => {
    const asked = stubLens({ [MEASURE]: knocked });
    const { element, ...whatIf } = make();
    whatIf.add(["low/1", "mid/x/1"]);
    await later(200);
    type(slider(element, 1), "1.5");
    await later(200);
    expect(asked).toHaveLength(0);
    await later(60);
    expect(asked.map(({ body }) => body)).toEqual([
      {
        circuit: "cat-7k2m9",
        kind: "knock_out",
        analysis: "photo-1",
        groups: [
          { group: "low/1", factor: 0 },
          { group: "mid/x/1", factor: 1.5 },
        ],
        random_sets: 20,
        seed: 0,
      },
    ]);
  });

  it("aborts the previous request", async () => {
    const open: (() => void)[] = [];
    const slow = () => new Promise((resolve) => open.push(() => resolve(knocked)));
    const asked = stubLens({ [MEASURE]: slow });
    const { element, add } = make();
    add(["low/1"]);
    await later(300);
    type(field(element), "0.5");
    expect(asked[0]?.signal.aborted).toBe(true);
    await later(300);
    expect(asked).toHaveLength(2);
    open.forEach((answer) => answer());
    await later(10);
    expect(words(element)).toContain("With this group times 0.5 (41 neurons)");
  });

  it("runs at once on Enter", async () => {
    const asked = stubLens({ [MEASURE]: knocked });
    const { element, add } = make();
    add(["low/1"]);
    await later(300);
    type(field(element), "3");
    element.querySelector(".what-if-factor")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await later(1);
    expect(asked.map(({ body }) => (body as { groups: unknown }).groups)).toEqual([
      [{ group: "low/1", factor: 0 }],
      [{ group: "low/1", factor: 3 }],
    ]);
    expect((slider(element) as HTMLInputElement).value).toBe("2");
    await later(1000);
    expect(asked).toHaveLength(2);
  });

  it("does not run for factors that change nothing, or are invalid", async () => {
    const asked = stubLens({ [MEASURE]: knocked });
    const { element, add } = make();
    add(["low/1"]);
    type(field(element), "1");
    await later(300);
    expect(words(element)).toContain("Factor 1 changes nothing.");
    type(field(element), "11");
    await later(300);
    expect(words(element)).toContain("Enter a factor from 0 to 10 for group 1 in low.");
    expect(field(element)?.getAttribute("aria-invalid")).toBe("true");
    expect(asked).toHaveLength(0);
  });

  it("shows each class beside random neurons, names as text", async () => {
    stubLens({ [MEASURE]: knocked });
    const { element, add } = make();
    add(["low/1"]);
    await later(300);
    const [dog, other] = element.querySelectorAll("tbody tr");
    expect(words(dog as Element)).toBe("dogbefore91 % → 40 %−51.0−0.4 ± 0.37.25 → 4.50−2.75−0.20 ± 0.10");
    expect(words(other as Element)).toContain("<img src=x>after5.0 % → 55 %+50.0");
    expect(element.querySelector("img[src=x]")).toBeNull();
    expect(element.querySelector<HTMLElement>(".what-if-bars .after")?.style.width).toBe("40.0%");
  });

  it("adds groups by name, all that fire, and the selected one", async () => {
    stubLens({ [MEASURE]: knocked });
    const context = lensContext({ selected: () => "low/2" });
    const whatIf = new WhatIf(context);
    const heard = vi.fn();
    whatIf.on("change", (groups) => heard([...groups]));
    const { element } = whatIf;
    type(element.querySelector("input[list]"), "GROUP 2 in mid");
    element.querySelector(".lens-picker")?.dispatchEvent(new Event("submit", { cancelable: true }));
    expect(heard).toHaveBeenLastCalledWith(["mid/x/2"]);
    button(element, "Add all 2 that fire").click();
    button(element, "Add the selected group").click();
    expect(heard).toHaveBeenLastCalledWith(["mid/x/2", "low/1", "mid/x/1", "low/2"]);
    button(element, "Remove group 1 in low").click();
    expect(heard).toHaveBeenLastCalledWith(["mid/x/2", "mid/x/1", "low/2"]);
    button(element, "Remove all").click();
    expect(heard).toHaveBeenLastCalledWith([]);
    await later(1000);
    expect(element.querySelector("table")).toBeNull();
  });

  it("says that a name is of several", () => {
    const { element } = make();
    type(element.querySelector("input[list]"), "group 1");
    element.querySelector(".lens-picker")?.dispatchEvent(new Event("submit", { cancelable: true }));
    expect(words(element)).toContain("2 matches. Keep typing.");
  });

  it("shows the progress of a long run, then its result", async () => {
    const running = { ...knocked, state: "running", knock_out: null };
    const asked = stubLens({ [MEASURE]: running, "GET /measurements/knock_out-1": knocked });
    const { element, add } = make();
    add(["low/1"]);
    await later(300);
    expect(element.querySelector(".live")).not.toBeNull();
    JobStream.all[0]?.end("succeeded");
    await later(10);
    expect(asked.at(-1)?.path).toBe("/measurements/knock_out-1");
    expect(element.querySelector("table")).not.toBeNull();
    expect(element.querySelector(".live")).toBeNull();
  });

  it("reports a failure, and tries again", async () => {
    const answers: Record<string, unknown> = { [MEASURE]: 500 };
    const asked = stubLens(answers);
    const { element, add } = make();
    add(["low/1"]);
    await later(300);
    expect(element.querySelector("[role=alert]")?.textContent).toContain("It failed");
    answers[MEASURE] = { ...knocked, state: "failed", job: { ...knocked.job, problem: problem("Too large") } };
    button(element, "Try again").click();
    await later(10);
    expect(words(element)).toContain("Too large");
    answers[MEASURE] = knocked;
    button(element, "Try again").click();
    await later(10);
    expect(asked).toHaveLength(3);
    expect(element.querySelector("table")).not.toBeNull();
  });

  it("offers to re-run if the circuit has changed", async () => {
    const fresh = { ...lensContext().analysis, state: "queued" };
    stubLens({ [MEASURE]: 409, "POST /analyses/photo-1/repeat": fresh });
    const { element, add, context } = make();
    add(["low/1"]);
    await later(300);
    button(element, "Re-run").click();
    await later(10);
    expect(context.open).toHaveBeenCalledWith(fresh);
  });

  it("defines its numbers", async () => {
    stubLens({ [MEASURE]: knocked });
    const { element, add, context } = make();
    add(["low/1"]);
    await later(300);
    for (const term of ["Knock-out", "Probability", "Logit", "20 random sets"]) button(element, term).click();
    expect(vi.mocked(context.define).mock.calls).toEqual([["knockOut"], ["probability"], ["logit"], ["randomNeurons"]]);
  });

  it("shows nothing once another image is shown", async () => {
    const asked = stubLens({ [MEASURE]: knocked });
    const { add, context } = make();
    add(["low/1"]);
    context.stop.abort();
    await later(1000);
    expect(asked).toHaveLength(0);
  });
});

describe("the same over the held-out images", () => {
  it("sends the same factors, without the image", async () => {
    const asked = stubLens({
      [MEASURE]: ({ body }: { body: unknown }) =>
        (body as { kind: string }).kind === "held_out" ? measurementOf("held_out", { held_out: HELD }) : knocked,
    });
    const { element, add } = make();
    add(["low/1"]);
    await later(300);
    button(element, "Run on the held-out images").click();
    await later(10);
    expect(asked.at(-1)?.body).toEqual({
      circuit: "cat-7k2m9",
      kind: "held_out",
      groups: [{ group: "low/1", factor: 0 }],
      random_sets: 20,
      seed: 0,
    });
    const rows = [...element.querySelectorAll(".held-out tbody tr")].map(words);
    expect(rows).toEqual(["cat95 % → 40 %−55.0−1.0 ± 2.06.50 → 3.25−3.25−0.20 ± 0.10"]);
    type(slider(element), "0.3");
    expect(element.querySelector(".held-out table")).toBeNull();
  });

  it("reports a failure", async () => {
    stubLens({
      [MEASURE]: ({ body }: { body: unknown }) => ((body as { kind: string }).kind === "held_out" ? 503 : knocked),
    });
    const { element, add } = make();
    add(["low/1"]);
    await later(300);
    button(element, "Run on the held-out images").click();
    await later(10);
    expect(element.querySelector(".held-out [role=alert]")).not.toBeNull();
    expect(button(element, "Try again")).not.toBeNull();
  });
});

function make() {
  const context = lensContext();
  const whatIf = new WhatIf(context);
  return { element: whatIf.element, add: (groups: string[]) => whatIf.add(groups), context };
}

const problem = (title: string) => ({ type: "too-large", title, detail: new Problem(-1, title, "It is.").detail });
