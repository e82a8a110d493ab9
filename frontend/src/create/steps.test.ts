import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClassList } from "./class_list";
import { LayerLadder } from "./layer_ladder";
import { ParameterFields } from "./parameter_fields";
import { DEFAULTS } from "./parameter_specs";
import { type Card, SourceChoice } from "./source_choice";
import { estimateWords, StartBar } from "./start_bar";

/** In the document, as browsers tell of changes only there. */
const mounted = <W extends { element: HTMLElement }>(widget: W): W => {
  document.body.append(widget.element);
  return widget;
};
const all = <K extends keyof HTMLElementTagNameMap>(root: HTMLElement, tag: K, rest = "") => [
  ...root.querySelectorAll<HTMLElementTagNameMap[K]>(tag + rest),
];

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

describe("SourceChoice", () => {
  const card = (id: string, state: Card["state"] = "succeeded") =>
    ({
      id,
      name: id,
      state,
      image_count: 7,
      job: {
        id: "j",
        stage: null,
        fraction: 0,
        remaining_seconds: null,
        problem: { title: "Broken", detail: "No images." },
      },
    }) as Card;

  it("offers the cards, and emits the chosen one", () => {
    const choice = mounted(new SourceChoice("dataset"));
    const chosen = vi.fn();
    choice.on("choose", chosen);
    choice.show([card("a"), card("b")], "a");
    all(choice.element, "input")[1]?.click();
    expect(chosen).toHaveBeenCalledWith("b");
    expect(choice.element.textContent).toContain("7 images");
  });

  it("says where to add the first, what does not exist, and what cannot be used", () => {
    const choice = mounted(new SourceChoice("network"));
    choice.show([], null);
    expect(choice.element.querySelector("a")?.getAttribute("href")).toBe("/networks");
    choice.show([card("a")], "gone");
    expect(choice.element.textContent).toContain("The network “gone” does not exist.");
    choice.show([card("a", "failed")], "a");
    expect(choice.element.textContent).toContain("No images.");
  });

  it("shows the progress of an inspection", () => {
    const EventSource = vi.fn(function (this: EventTarget) {
      return Object.assign(new EventTarget(), { close: vi.fn() });
    });
    vi.stubGlobal("EventSource", EventSource);
    const choice = mounted(new SourceChoice("network"));
    choice.show([card("a", "running")], "a");
    expect(EventSource).toHaveBeenCalledTimes(1);
    expect(choice.element.querySelector(".live")).not.toBeNull();
  });
});

describe("ClassList", () => {
  const one = (name: string, index: number, images = 5) => {
    return { index, name, shown: name, labels: images ? [name] : [], images };
  };
  const classes = [one("cat", 0), one("ant", 1), one("bee", 2), one("eel", 3, 0), one("fox", 4, 0)];
  const shared = { labelled: true, classes, unmatched: [] };
  const names = (list: ClassList) => all(list.element, "span", ".class-name").map(({ textContent }) => textContent);

  it("sorts by name or accuracy, and searches", () => {
    const list = mounted(new ClassList());
    list.show(shared, [], false);
    expect(names(list)).toEqual(["ant", "bee", "cat"]);
    list.showAccuracies(
      new Map(
        [
          ["cat", 0.5],
          ["ant", 0.75],
          ["bee", 1],
        ].map(([name, accuracy]) => [
          name as string,
          { name: name as string, images: 4, accuracy: accuracy as number },
        ]),
      ),
    );
    const [order] = all(list.element, "select");
    if (order) order.value = "worst";
    order?.dispatchEvent(new Event("change"));
    expect(names(list)).toEqual(["cat", "ant", "bee"]);
    expect(list.element.textContent).toContain("75 %");
    expect(list.element.textContent).toContain("2 classes of the network without images");
    const [search] = all(list.element, "input", "[type=search]");
    if (search) search.value = "BE";
    search?.dispatchEvent(new Event("input"));
    expect(names(list)).toEqual(["bee"]);
  });

  it("shows labels with other names, searches them, and sums up their accuracy", () => {
    const list = mounted(new ClassList());
    const cat = { index: 0, name: "cat", shown: "cat", labels: ["kitty", "puss"], images: 8 };
    list.show({ ...shared, classes: [cat, one("ant", 1)] }, [], false);
    expect(names(list)).toEqual(["ant", "catkitty, puss"]);
    list.showAccuracies(
      new Map([
        ["kitty", { name: "kitty", images: 6, accuracy: 1 }],
        ["puss", { name: "puss", images: 2, accuracy: 0 }],
      ]),
    );
    expect(list.element.textContent).toContain("75 %");
    const [search] = all(list.element, "input", "[type=search]");
    if (search) search.value = "puss";
    search?.dispatchEvent(new Event("input"));
    expect(names(list)).toEqual(["catkitty, puss"]);
  });

  it("says so if no label matches, or no image has a label", () => {
    const list = mounted(new ClassList());
    list.show({ ...shared, classes: [one("cat", 0, 0)] }, [], false);
    expect(list.element.textContent).toContain("No label of the data set matches a class of the network.");
    const free = { index: 0, name: "cat", shown: "cat", labels: [], images: null };
    list.show({ labelled: false, classes: [free], unmatched: [] }, [], false);
    expect(list.element.textContent).toContain("The data set has no labels");
    expect(names(list)).toEqual(["cat"]);
  });

  it("selects one class, or several in the order of the outputs", () => {
    const list = mounted(new ClassList());
    const chosen = vi.fn();
    list.on("choose", chosen);
    list.show(shared, ["cat"], false);
    all(list.element, "input", "[value=bee]")[0]?.click();
    expect(chosen).toHaveBeenLastCalledWith(["bee"]);
    list.show(shared, ["bee"], true);
    all(list.element, "input", "[value=cat]")[0]?.click();
    expect(chosen).toHaveBeenLastCalledWith(["cat", "bee"]);
    all(list.element, "button")[0]?.click();
    expect(chosen).toHaveBeenLastCalledWith(["cat", "ant", "bee"]);
    all(list.element, "button")[1]?.click();
    expect(chosen).toHaveBeenLastCalledWith([]);
  });
});

describe("LayerLadder", () => {
  const layer = (name: string, preset: boolean, shape = [8, 4, 4]) => ({
    name,
    kind: "block",
    channels: shape[0] ?? 1,
    shape,
    default: preset,
  });
  const layers = [layer("a", false), layer("b", true), layer("c", true), layer("fc", true, [10])];
  const rungs = (ladder: LayerLadder) =>
    all(ladder.element, "input").map(({ value, checked }) => `${value}${checked ? "+" : ""}`);

  it("has the class on top, always checked", () => {
    const ladder = mounted(new LayerLadder());
    ladder.show(layers, null);
    expect(rungs(ladder)).toEqual(["fc+", "c+", "b+"]);
    expect(all(ladder.element, "input")[0]?.disabled).toBe(true);
  });

  it("emits the chosen layers from low to high, and null for the default", () => {
    const ladder = mounted(new LayerLadder());
    const chosen = vi.fn();
    ladder.on("choose", chosen);
    ladder.show(layers, null);
    all(ladder.element, "button")[1]?.click();
    all(ladder.element, "input", "[value=a]")[0]?.click();
    expect(chosen).toHaveBeenLastCalledWith(["a", "b", "c"]);
    all(ladder.element, "input", "[value=a]")[0]?.click();
    expect(chosen).toHaveBeenLastCalledWith(null);
  });

  it("asks for a layer below the class", () => {
    const ladder = mounted(new LayerLadder());
    ladder.show(layers.slice(2), ["c"]);
    all(ladder.element, "input", "[value=c]")[0]?.click();
    expect(ladder.element.textContent).toContain("at least one layer");
  });

  it("can be navigated with the arrow keys", () => {
    const ladder = mounted(new LayerLadder());
    ladder.show(layers, null);
    const [, first, second] = all(ladder.element, "input");
    first?.focus();
    first?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
    expect(document.activeElement).toBe(second);
  });
});

describe("ParameterFields", () => {
  it("links each label to its term in the glossary, beside the label so that a click on it stays on the page", () => {
    const fields = mounted(new ParameterFields({ ...DEFAULTS }));
    const links = [...fields.element.querySelectorAll<HTMLAnchorElement>("a.term-mark")];
    expect(links).toHaveLength(14);
    const tau = links.find((link) => link.getAttribute("aria-label") === "Core neurons (τ) in the glossary");
    expect(tau?.getAttribute("href")).toBe("/glossary#core-neuron");
    expect(tau?.closest("label")).toBeNull();
  });

  it("shows errors at their fields, and resets", () => {
    const fields = mounted(new ParameterFields({ ...DEFAULTS, margin: "-1" }));
    expect(fields.element.querySelector("#parameter-margin-problem")?.textContent).toContain("0 to 100");
    expect(fields.element.querySelector("details")?.open).toBe(true);
    const changed = vi.fn();
    fields.on("change", changed);
    all(fields.element, "button").at(-1)?.click();
    expect(changed).toHaveBeenCalledWith(DEFAULTS);
    expect(fields.element.querySelector("#parameter-margin-problem")?.textContent).toBe("");
  });
});

describe("StartBar", () => {
  const size = { images: 50, patches: 2950, layers: ["a", "fc"], neurons: 417 };
  const estimate = { ...size, seconds: 47.5, measured: 4, narrower: [] };
  const parameters = { ...DEFAULTS } as never;
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("shows the estimated duration, or that it is unknown", () => {
    expect(estimateWords(estimate, 1).time).toBe("About 48 s on this server, based on 4 earlier circuits.");
    expect(estimateWords(estimate, 1).size).toContain("2,950 patches");
    expect(estimateWords({ ...estimate, seconds: null, measured: 0 }, 1).time).toContain("not known yet");
    expect(estimateWords(estimate, 100).warning).toContain("This takes long");
    expect(estimateWords(estimate, 1).warning).toBe("");
    expect(estimateWords({ ...estimate, narrower: ["dataset"] }, 1).warning).toBe(
      "Some users who can see the circuit cannot see its data set. " +
        "They still see the images that the circuit was traced with.",
    );
  });

  it("requests the estimate after a pause, and shows only the last one", async () => {
    const fetch = vi.fn(
      async () => new Response(JSON.stringify(estimate), { headers: { "content-type": "application/json" } }),
    );
    vi.stubGlobal("fetch", fetch);
    const bar = mounted(new StartBar());
    bar.show("Choose a class.");
    expect(bar.element.querySelector("button")?.disabled).toBe(true);
    for (const name of ["a", "b", "c"]) bar.show({ network: "n", dataset: "d", classes: [name], parameters });
    await vi.advanceTimersByTimeAsync(1000);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(bar.element.textContent).toContain("About 48 s");
    bar.show({ network: "n", dataset: "d", classes: ["a", "b"], parameters });
    expect(bar.element.querySelector("button")?.textContent).toBe("Compute 2 circuits");
  });
});
