import { describe, expect, it } from "vitest";
import { exampleDataset } from "../../testing/library_entries";
import { ClassNames } from "./class_names";
import { ClassTable } from "./class_table";

describe("a network's classes", () => {
  it("are in the page only while they are visible", () => {
    const names = Array.from({ length: 1000 }, (_, place) => `class ${place}`);
    const { element } = new ClassNames(names, (name) => `/?class=${name}`);
    document.body.replaceChildren(element);
    const rows = element.querySelectorAll("li");
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.length).toBeLessThan(60);
    expect(element.textContent).toContain("1,000 classes");
  });

  it("are found by a part of their name", () => {
    const names = [...Array.from({ length: 50 }, (_, place) => `class ${place}`), "tabby cat"];
    const { element } = new ClassNames(names, (name) => `/?class=${name}`);
    const words = element.querySelector("input") as HTMLInputElement;
    words.value = "CAT";
    words.dispatchEvent(new Event("input"));
    expect([...element.querySelectorAll("li a")].map(({ textContent }) => textContent)).toEqual(["tabby cat"]);
    expect(element.querySelector("[role=status]")?.textContent).toBe("1 of 51 classes");
  });
});

describe("a data set's classes", () => {
  const names = (table: ClassTable) =>
    [...table.element.querySelectorAll(".class-name")].map(({ textContent }) => textContent);

  it("can be sorted by accuracy", () => {
    const table = new ClassTable(exampleDataset());
    table.measure([
      { name: "cat", images: 10, accuracy: 0.9 },
      { name: "dog", images: 10, accuracy: 0.4 },
    ]);
    expect(names(table)).toEqual(["cat", "dog"]);
    const order = table.element.querySelector("select") as HTMLSelectElement;
    order.value = "worst";
    order.dispatchEvent(new Event("change"));
    expect(names(table)).toEqual(["dog", "cat"]);
  });

  it("mark the class whose images are shown", () => {
    const table = new ClassTable(exampleDataset());
    table.mark("dog");
    expect(table.element.querySelector("[aria-pressed=true]")?.textContent).toContain("dog");
    table.mark("");
    expect(table.element.querySelector("[aria-pressed=true]")?.textContent).toContain("All classes");
  });
});
