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
  it("sends what was filled in, and tells what came of it", async () => {
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

  it("says at the field what the server refuses, and goes there", async () => {
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

  it("unfolds what hides a wrong value", async () => {
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

  it("tells of a lost server below all fields", async () => {
    const { form, field, submit } = made(() => Promise.reject(new Problem(0, "No connection", "Check that it runs.")));
    field("spec").value = "x";
    await submit();
    expect(form.element.querySelector(".form-error")?.textContent).toBe("Check that it runs.");
  });
});

describe("complaints", () => {
  const told = (status: number, title: string, detail: string, errors = [] as Problem["errors"]) =>
    complaints(new Problem(status, title, detail, null, errors), ["file", "spec", "classes"]);

  it("find the field by its place", () => {
    const errors = [{ place: "body.classes.0", value: '""', message: "too short" }];
    expect(told(422, "A value does not fit", "…", errors)).toEqual([{ field: "classes", text: "Too short." }]);
  });

  it("speak of the file where that is refused", () => {
    expect(told(413, "Too large", "more than 2 GiB")[0]?.field).toBe("file");
    const refused = new Problem(422, "Any title", "'a/../b' leads out", null, [], "bad-upload");
    expect(complaints(refused, ["file", "spec"])[0]?.field).toBe("file");
  });

  it("read the field's name where the server says it first", () => {
    expect(told(422, "A value does not fit", "classes.0: too long")[0]?.field).toBe("classes");
  });

  it("speak of the whole otherwise", () => {
    expect(told(503, "Not available now", "In a moment.")).toEqual([{ field: null, text: "In a moment." }]);
  });
});
