import { expect, test } from "vitest";
import { exampleDataset } from "../../testing/library_entries";
import { leftOutFiles } from "./left_out";

test("nothing is said where every file is used", () => {
  expect(leftOutFiles(exampleDataset())).toEqual([]);
});

test("files that are left out are counted and named, with the reason", () => {
  const files = Array.from({ length: 20 }, (_, place) => `cat/${place}.txt`);
  const [shown] = leftOutFiles(
    exampleDataset({
      left_out: [
        { reason: "not an image that Pillow can open", count: 25, files },
        { reason: "damaged", count: 1, files: ["dog/<b>.png"] },
      ],
    }),
  );
  expect(shown?.querySelector("summary")?.textContent).toBe("26 files left out");
  const [first, second] = [...(shown?.querySelectorAll("li") ?? [])].map((row) => row.textContent);
  expect(first).toMatch(/^25 files: not an image that Pillow can open.*cat\/19\.txt and 5 more$/);
  expect(second).toBe("1 file: damageddog/<b>.png");
});
