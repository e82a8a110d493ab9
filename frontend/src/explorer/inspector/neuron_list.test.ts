import { describe, expect, it } from "vitest";
import { answersOf, contextOf, settled, stubApi } from "../../../testing/circuit";
import type { GroupDetail, Members } from "../../circuit/answers";
import { NeuronList } from "./neuron_list";

const group = answersOf()["/groups/mid%2Fx/1"] as GroupDetail;
const members = answersOf()["/members"] as Members;

describe("the list of neurons", () => {
  it("has the most active first, each with its patches and how exact its scores are", () => {
    const list = new NeuronList(contextOf(), members, group);
    const heads = [...list.element.querySelectorAll("strong")].map((found) => found.textContent);
    expect(heads).toEqual(["neuron 4", "neuron 3"]);
    expect(list.element.querySelectorAll("img")).toHaveLength(3);
    expect(list.element.textContent).toContain("error 1.0 %");
  });

  it("shows a neuron's core neurons on request, with links to their groups", async () => {
    stubApi();
    const list = new NeuronList(contextOf(), members, group);
    const chosen: unknown[] = [];
    list.on("select", (id) => chosen.push(id));
    const more = list.element.querySelector<HTMLElement>('button[aria-label="Details of neuron 3"]');
    more?.click();
    await settled();
    expect(more?.getAttribute("aria-expanded")).toBe("true");
    expect(list.element.querySelector("table")?.textContent).toContain("+0.60");
    list.element.querySelector<HTMLElement>(".chip")?.click();
    expect(chosen).toEqual(["low/1"]);
    more?.click();
    expect(list.element.querySelector("table")).toBeNull();
  });

  it("is short at first", () => {
    const [first] = members.neurons;
    const neurons = Array.from({ length: 9 }, (_, channel) => ({ parts: [], activation: 1, ...first, channel }));
    const list = new NeuronList(contextOf(), { ...members, neurons }, group);
    expect(list.element.querySelectorAll("li.neuron")).toHaveLength(6);
    [...list.element.querySelectorAll("button")].find((button) => button.textContent === "Show all 9")?.click();
    expect(list.element.querySelectorAll("li.neuron")).toHaveLength(9);
  });
});
