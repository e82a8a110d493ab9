import { describe, expect, it } from "vitest";
import { sharedClasses } from "./shared_classes";

const label = (name: string, images = 10) => ({ name, images, train: images, test: 0 });

describe("sharedClasses", () => {
  it("finds names as written, without regard to case and separators, and by the first synonym", () => {
    const network = ["tench, Tinca tinca", "tiger cat", "crane"];
    const found = sharedClasses(network, [label("Tiger_Cat", 7), label("tench"), label("zebra")]);
    expect(found.classes.map(({ name, label: own, images }) => [name, own, images])).toEqual([
      ["tench, Tinca tinca", "tench", 10],
      ["tiger cat", "Tiger_Cat", 7],
    ]);
    expect(found).toMatchObject({ missing: 1, matched: true });
  });

  it("guesses nothing where a name is two outputs'", () => {
    const found = sharedClasses(["crane", "cat", "crane"], [label("crane"), label("cat")]);
    expect(found.classes.map(({ name }) => name)).toEqual(["cat"]);
  });

  it("offers all of the network's where no name fits, those with one name by their place", () => {
    const found = sharedClasses(["crane", "cat", "crane"], [label("n02012849")]);
    expect(found.matched).toBe(false);
    expect(found.classes.map(({ name, shown }) => [name, shown])).toEqual([
      ["#0", "crane (#0)"],
      ["cat", "cat"],
      ["#2", "crane (#2)"],
    ]);
  });
});
