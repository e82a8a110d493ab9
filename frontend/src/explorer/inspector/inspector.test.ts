import { beforeEach, describe, expect, it, vi } from "vitest";
import { answersOf, OVERVIEW, PLAIN, settled, stubApi, VIEW } from "../../../testing/circuit";
import { labelOf, circuitNotesOf } from "../../../testing/notes";
import { Inspector } from "./inspector";

const text = (inspector: Inspector) => inspector.element.textContent ?? "";
const titles = (inspector: Inspector) =>
  [...inspector.element.querySelectorAll("h2")].map((found) => found.textContent);

describe("the inspector", () => {
  let inspector: Inspector;
  beforeEach(() => {
    localStorage.clear();
    inspector = new Inspector();
  });

  it("says what to do if nothing is selected", () => {
    inspector.show(PLAIN, OVERVIEW, null);
    expect(titles(inspector)).toEqual(["Select a group"]);
  });

  it("shows a group with its exemplars, edges and neurons", async () => {
    stubApi();
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    expect(titles(inspector)).toEqual(["Group 1"]);
    expect(inspector.element.querySelector("[aria-busy]")).not.toBeNull();
    await settled();
    expect(inspector.element.querySelector("[aria-busy]")).toBeNull();
    expect(inspector.element.querySelectorAll("button.exemplar")).toHaveLength(2);
    expect(text(inspector)).toContain("neuron 4");
    expect(text(inspector)).toContain("group 2 in low");
  });

  it("jumps along an edge, and to the edge itself", async () => {
    stubApi();
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    await settled();
    const chosen: unknown[] = [];
    inspector.on("select", (id) => chosen.push(id));
    const row = inspector.element.querySelector(".edge-row");
    row?.querySelector<HTMLElement>(".jump")?.click();
    row?.querySelector<HTMLElement>(".weight")?.click();
    expect(chosen).toEqual(["low/1", "low/1>mid/x/1"]);
  });

  it("emits that a group is to be expanded", () => {
    stubApi();
    const opened = vi.fn();
    inspector.on("expand", opened);
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    inspector.element.querySelector<HTMLElement>(".panel-actions button")?.click();
    expect(opened).toHaveBeenCalledWith("mid/x/1");
  });

  it("neither repeats requests nor rebuilds an unchanged panel", async () => {
    const asked = stubApi();
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    await settled();
    const before = asked.length;
    const panel = inspector.element.firstElementChild;
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    expect(inspector.element.firstElementChild).toBe(panel);
    inspector.show(PLAIN, OVERVIEW, null);
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    await settled();
    expect(asked).toHaveLength(before);
    expect(inspector.element.querySelectorAll("button.exemplar")).toHaveLength(2);
  });

  it("aborts requests when something else is selected, and can repeat them", async () => {
    stubApi();
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    inspector.show(PLAIN, OVERVIEW, null);
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    await settled();
    expect(inspector.element.querySelectorAll("button.exemplar")).toHaveLength(2);
    expect(inspector.element.querySelector("[role=alert]")).toBeNull();
  });

  it("reports a failure and offers a retry", async () => {
    const answers = answersOf();
    answers["/exemplars"] = 503;
    stubApi(answers);
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    await settled();
    const alert = inspector.element.querySelector("[role=alert]");
    expect(alert?.textContent).toContain("It failed");
    answers["/exemplars"] = answersOf()["/exemplars"];
    alert?.querySelector("button")?.click();
    await settled();
    expect(inspector.element.querySelectorAll("button.exemplar")).toHaveLength(2);
  });

  it("shows the class with its images", async () => {
    stubApi({ ...answersOf(), "/groups/fc/1": { ...(answersOf()["/groups/mid%2Fx/1"] as object), id: "fc/1" } });
    inspector.show(PLAIN, OVERVIEW, "fc/1");
    await settled();
    expect(titles(inspector)).toEqual(["Class cat & <i>co</i>"]);
    expect(text(inspector)).toContain("probability of 80 % to 97 %");
    expect(inspector.element.querySelectorAll(".traced-images li")).toHaveLength(2);
  });

  it("shows a super-group with its groups and the sum of what they contribute", async () => {
    stubApi();
    inspector.show(VIEW, OVERVIEW, "low/1+low/2");
    await settled();
    expect(titles(inspector)).toEqual(["Groups 1 + 2"]);
    expect(text(inspector)).toContain("+30 %");
    expect(inspector.element.querySelectorAll(".super-member")).toHaveLength(2);
  });

  it("shows a part with its own patches and edges", async () => {
    stubApi();
    inspector.show(VIEW, OVERVIEW, "mid/x/1#3.0");
    await settled();
    expect(titles(inspector)).toEqual(["Neuron 3"]);
    expect(inspector.element.querySelectorAll(".patch-strip li")).toHaveLength(1);
    expect(inspector.element.querySelectorAll(".edge-row")).toHaveLength(2);
    expect(inspector.element.querySelectorAll(".neuron-detail tr")).toHaveLength(3);
  });

  it("shows an edge with its pairs and patches", async () => {
    stubApi();
    inspector.show(PLAIN, OVERVIEW, "low/1>mid/x/1");
    await settled();
    expect(titles(inspector)).toEqual(["Group 1 excites group 1"]);
    expect(inspector.element.querySelectorAll(".pair")).toHaveLength(2);
    expect(inspector.element.querySelector(".edge-patches li")?.className).toBe("negative");
  });

  it("sums an edge between merged groups and a part over the edges behind it", async () => {
    const asked = stubApi();
    inspector.show(VIEW, OVERVIEW, "low/1+low/2>mid/x/1#3.0");
    await settled();
    expect(asked.filter((path) => path.endsWith("/edges/detail"))).toHaveLength(2);
    expect(inspector.element.querySelectorAll(".pair")).toHaveLength(1);
    expect(text(inspector)).toContain("Weight +1.00");
  });

  it("says how to get what an older circuit lacks", async () => {
    const detail = answersOf()["/edges/detail"] as object;
    stubApi({ ...answersOf(), "/edges/detail": { ...detail, links: null, patches: null } });
    inspector.show(PLAIN, OVERVIEW, "low/1>mid/x/1");
    await settled();
    expect(text(inspector)).toContain("did not save them");
    expect(text(inspector)).toContain("Recompute");
  });

  it("shows a group's label, and keeps typed text while it is updated", async () => {
    inspector.circuitNotes = await circuitNotesOf([], [labelOf("mid/x/1", { name: "ears <b>" })]);
    document.body.append(inspector.element);
    inspector.show(PLAIN, OVERVIEW, "mid/x/1");
    expect(titles(inspector)).toEqual(["Ears <b>"]);
    const field = inspector.element.querySelector<HTMLTextAreaElement>(".notes-section textarea");
    field?.focus();
    if (field) field.value = "half";
    field?.dispatchEvent(new Event("input"));
    await inspector.circuitNotes.hear("label", {
      group: "mid/x/1",
      label: labelOf("mid/x/1", { version: 2, name: "noses" }),
    });
    inspector.show({ ...VIEW, nodes: PLAIN.nodes }, OVERVIEW, "mid/x/1", { key: "an image", of: () => null });
    expect(titles(inspector)).toEqual(["Noses"]);
    expect(document.activeElement).toBe(field);
    field?.blur();
    await settled();
    const fresh = inspector.element.querySelector<HTMLTextAreaElement>(".notes-section textarea");
    expect([fresh === field, fresh?.value]).toEqual([false, "half"]);
    inspector.element.remove();
  });

  it("has notes of an edge between two groups, of the circuit, and of all", async () => {
    inspector.circuitNotes = await circuitNotesOf();
    const heads = () => [...inspector.element.querySelectorAll("h3")].map((found) => found.textContent);
    inspector.show(PLAIN, OVERVIEW, "low/1>mid/x/1");
    expect(heads()).toContain("Notes");
    inspector.show(VIEW, OVERVIEW, "low/1+low/2>mid/x/1#3.0");
    expect(heads()).not.toContain("Notes");
    inspector.show(PLAIN, OVERVIEW, "fc/1");
    expect(heads()).toEqual(expect.arrayContaining(["Notes", "All notes", "Without a group"]));
    inspector.show(PLAIN, OVERVIEW, null);
    expect(heads()).toEqual(["All notes", "Without a group"]);
  });

  it("says so if the selection does not exist", () => {
    inspector.show(PLAIN, OVERVIEW, "nowhere/9");
    expect(titles(inspector)).toEqual(["Nothing to show"]);
  });
});
