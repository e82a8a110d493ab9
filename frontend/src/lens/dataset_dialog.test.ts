import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OVERVIEW, settled } from "../../testing/circuit";
import { DatasetDialog } from "./dataset_dialog";
import { DatasetPictures } from "./dataset_pictures";

const PICTURE = {
  position: 3,
  name: "0003 <b>",
  label: "Cat & <i>co</i>",
  split: null,
  width: 9,
  height: 9,
  thumbnail: "/thumb",
  prediction: { predicted: "<u>dog</u>", probability: 0.8, right: false, truth_probability: 0.1 },
};
const CLASS = { index: 1, name: OVERVIEW.class, shown: OVERVIEW.class, labels: ["Cat & <i>co</i>"], images: 4 };
const JOB = { id: "job-1", stage: null, fraction: 0, remaining_seconds: null, cancel_requested: false, problem: null };
const named = { network: { id: "n", name: "" }, dataset: { id: "d", name: "" } };
const EVALUATION = {
  id: "e",
  ...named,
  state: "succeeded",
  accuracy: 1,
  images: 1,
  current: true,
  created_at: "",
  job: JOB,
};

class Stream extends EventTarget {
  static last: Stream;
  constructor() {
    super();
    Stream.last = this;
  }
  close(): void {}
}

let evaluations: object[];
let asked: string[];
beforeEach(() => {
  document.body.replaceChildren();
  asked = [];
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url, "http://here");
    const told = ["class", "outcome", "missed_as", "network"].flatMap((name) => {
      const value = searchParams.get(name);
      return value === null ? [] : [`${name}=${value}`];
    });
    asked.push([request.method, pathname, ...told].join(" "));
    const bodies: Record<string, object> = {
      "/api/v1/evaluations":
        request.method === "POST" ? { ...EVALUATION, state: "queued" } : { items: evaluations, next: null },
      "/api/v1/networks/n/classes": { labelled: true, classes: [CLASS], unmatched: [] },
      "/api/v1/datasets/d/images": { items: [PICTURE], next: null },
    };
    return new Response(JSON.stringify(bodies[pathname]), { headers: { "Content-Type": "application/json" } });
  });
});
afterEach(() => vi.unstubAllGlobals());

async function made() {
  const pictures = DatasetPictures.of(OVERVIEW);
  if (!pictures) throw new Error("no pictures");
  const dialog = new DatasetDialog(pictures, OVERVIEW.class);
  await settled();
  return dialog;
}

describe("choosing an image of the data set", () => {
  it("needs a circuit with network and data set", () => {
    expect(DatasetPictures.of({ ...OVERVIEW, network: null })).toBeNull();
  });

  it("shows correct images, false positives and missed ones", async () => {
    evaluations = [EVALUATION];
    const dialog = await made();
    const [, taken, missed] = [...dialog.element.querySelectorAll<HTMLElement>("[role=tab]")];
    taken?.click();
    await settled();
    missed?.click();
    await settled();
    expect(asked.filter((line) => line.includes("/images"))).toEqual([
      "GET /api/v1/datasets/d/images class=Cat & <i>co</i> outcome=right network=n",
      "GET /api/v1/datasets/d/images missed_as=cat & <i>co</i> network=n",
      "GET /api/v1/datasets/d/images class=Cat & <i>co</i> outcome=wrong network=n",
    ]);
    expect(dialog.element.querySelectorAll(".lens-picture")).toHaveLength(1);
    expect(dialog.element.textContent).toContain("→ <u>dog</u> 80 %");
    expect(dialog.element.querySelector("u, i, b")).toBeNull();
  });

  it("emits the chosen image, and closes", async () => {
    evaluations = [EVALUATION];
    const dialog = await made();
    const picked = vi.fn();
    dialog.on("pick", ({ position }) => picked(position));
    dialog.element.querySelector<HTMLElement>(".lens-picture")?.click();
    expect(picked).toHaveBeenCalledWith(3);
    expect(dialog.element.isConnected).toBe(false);
  });

  it("evaluates the network on request, and shows the result", async () => {
    evaluations = [];
    const dialog = await made();
    expect(dialog.element.querySelector<HTMLElement>(".tabs")?.hidden).toBe(true);
    expect(asked.at(-1)).toBe("GET /api/v1/datasets/d/images class=Cat & <i>co</i>");
    [...dialog.element.querySelectorAll("button")].find((one) => one.textContent?.startsWith("Evaluate"))?.click();
    await settled();
    evaluations = [EVALUATION];
    const job = { ...JOB, kind: "evaluate", queue: "inspections", stages: [], done: 0, total: 0, state: "succeeded" };
    Stream.last.dispatchEvent(new MessageEvent("end", { data: JSON.stringify(job) }));
    await settled();
    expect(dialog.element.querySelector<HTMLElement>(".tabs")?.hidden).toBe(false);
    expect(asked.at(-1)).toContain("outcome=right");
  });
});
