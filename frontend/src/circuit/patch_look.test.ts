import { describe, expect, it } from "vitest";
import { aspect, boxShare } from "./patch_look";

describe("a patch's place", () => {
  it("is given in shares of the image's sides", () => {
    const box = { left: 10, top: 20, right: 60, bottom: 70 };
    expect(boxShare(box, { width: 100, height: 200 })).toEqual({ left: 10, top: 10, width: 50, height: 25 });
  });

  it("is cut off at the image's sides", () => {
    const box = { left: -10, top: 150, right: 120, bottom: 260 };
    expect(boxShare(box, { width: 100, height: 200 })).toEqual({ left: 0, top: 75, width: 100, height: 25 });
  });

  it("is empty in an image without size", () => {
    const box = { left: 1, top: 1, right: 2, bottom: 2 };
    expect(boxShare(box, { width: 0, height: 0 })).toEqual({ left: 0, top: 0, width: 0, height: 0 });
  });

  it("has the patch's own proportions", () => {
    expect(aspect({ left: 0, top: 0, right: 40, bottom: 20 })).toBe(2);
    expect(aspect({ left: 5, top: 0, right: 5, bottom: 20 })).toBe(1);
  });
});
