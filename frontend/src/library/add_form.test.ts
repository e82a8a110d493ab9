import { describe, expect, it } from "vitest";
import { exampleNetwork } from "../../testing/library_entries";
import { settled } from "../../testing/server";
import { Problem } from "../api/client";
import { AddForm, complaints, type Values, type Way } from "../base/add_form";
import { optionsOf } from "./network_options";
import type { Entry } from "./registry";

const way: Omit<Way<Entry>, "send"> = {
  title: "A network",
  intro: "By its name.",
  fields: [
    { name: "spec", label: "Network", kind: "text", required: true },
    { name: "name", label: "Name", kind: "text" },
  ],
  more: [{ name: "mean", label: "Mean", kind: "text" }],
  action: "Add",
};

function made(send: Way<Entry>["send"]) {
  const form = new AddForm({ ...way, send });
  document.body.replaceChildren(form.element);
  const field = (name: string) => form.element.elements.namedItem(name) as HTMLInputElement;
  const submit = async () => {
    form.element.dispatchEvent(new Event("submit", { cancelable: true }));
    await settled();
  };
  const error = (name: string) => document.getElementById(`${field(name).id}-error`)?.textContent;
  return { form, field, submit, error };
}

describe("a form that adds something", () => {
  it("sends the values, and emits the result", async () => {
    const sent: Values[] = [];
    const { form, field, submit } = made(async (values) => {
      sent.push(values);
      return exampleNetwork();
    });
    const added: Entry[] = [];
    form.on("added", (entry) => added.push(entry));
    field("spec").value = " torchvision/resnet18 ";
    await submit();
    expect([...(sent[0] ?? [])]).toEqual([["spec", "torchvision/resnet18"]]);
    expect(added.map(({ id }) => id)).toEqual(["resnet-4tqw1"]);
  });

  it("shows an error at its field, and focuses it", async () => {
    const { field, submit, error } = made(() =>
      Promise.reject(new Problem(422, "A value does not fit", "unknown network 'x': write demo/photos")),
    );
    field("spec").value = "x";
    await submit();
    expect(error("spec")).toBe("Unknown network 'x': write demo/photos.");
    expect(document.activeElement).toBe(field("spec"));
    field("spec").dispatchEvent(new Event("input"));
    expect(error("spec")).toBe("");
    expect(field("spec").hasAttribute("aria-invalid")).toBe(false);
  });

  it("unfolds a hidden field with an error", async () => {
    const { form, field, submit } = made(async (values) => {
      optionsOf(values);
      return exampleNetwork();
    });
    field("spec").value = "x";
    field("mean").value = "0.5, 0.5";
    await submit();
    expect(form.element.querySelector("details")?.open).toBe(true);
    expect(form.element.textContent).toContain("Enter three numbers");
  });

  it("shows a lost connection below all fields", async () => {
    const { form, field, submit } = made(() => Promise.reject(new Problem(0, "No connection", "Check that it runs.")));
    field("spec").value = "x";
    await submit();
    expect(form.element.querySelector(".form-error")?.textContent).toBe("Check that it runs.");
  });
});

describe("complaints", () => {
  const told = (status: number, title: string, detail: string, errors = [] as Problem["errors"]) =>
    complaints(new Problem(status, title, detail, null, errors), ["file", "spec", "classes"]);

  it("are assigned to fields by their place", () => {
    const errors = [{ place: "body.classes.0", value: '""', message: "too short" }];
    expect(told(422, "A value does not fit", "…", errors)).toEqual([{ field: "classes", text: "Too short." }]);
  });

  it("concern the file if it is rejected", () => {
    expect(told(413, "Too large", "more than 2 GiB")[0]?.field).toBe("file");
    const refused = new Problem(422, "Any title", "'a/../b' leads out", null, [], "bad-upload");
    expect(complaints(refused, ["file", "spec"])[0]?.field).toBe("file");
  });

  it("concern the field that the text names first", () => {
    expect(told(422, "A value does not fit", "classes.0: too long")[0]?.field).toBe("classes");
  });

  it("concern the whole form otherwise", () => {
    expect(told(503, "Not available now", "In a moment.")).toEqual([{ field: null, text: "In a moment." }]);
  });
});
