import { describe, expect, it, vi } from "vitest";
import { classesWithImages, readClasses, type SharedClasses } from "./shared_classes";

const one = (index: number, images: number | null) => ({ index, name: `#${index}`, shown: "", labels: [], images });
const shared = (...images: (number | null)[]): SharedClasses => ({
  labelled: true,
  classes: images.map((count, index) => one(index, count)),
  unmatched: [],
});

describe("classesWithImages", () => {
  it("leaves out classes without labelled images, and none if no image has a label", () => {
    expect(classesWithImages(shared(0, 3, 0, 1)).map(({ index }) => index)).toEqual([1, 3]);
    expect(classesWithImages(shared(null, null)).map(({ index }) => index)).toEqual([0, 1]);
  });
});

describe("readClasses", () => {
  it("requests the server's matching, with the data set if there is one", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", async ({ url }: Request) => {
      asked.push(url.slice(url.indexOf("/api/")));
      return new Response(JSON.stringify(shared(1)), { headers: { "content-type": "application/json" } });
    });
    expect(await readClasses("net-1", "set-1")).toEqual(shared(1));
    await readClasses("net-1", null);
    expect(asked).toEqual(["/api/v1/networks/net-1/classes?dataset=set-1", "/api/v1/networks/net-1/classes"]);
    vi.unstubAllGlobals();
  });
});
