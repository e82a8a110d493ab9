import { describe, expect, it } from "vitest";
import { exampleDataset } from "../../testing/library_entries";
import { ClassTable } from "./class_table";

describe("ClassTable", () => {
  it("shows the class to which a label is mapped", () => {
    const { element } = new ClassTable(exampleDataset({ class_map: { cat: "<b>tabby</b>" } }));
    const rows = [...element.querySelectorAll(".class-table-rows .class-name")].map(({ textContent }) => textContent);
    expect(rows).toEqual(["cat → <b>tabby</b>", "dog"]);
  });
});
