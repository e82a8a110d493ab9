import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../testing/circuit";
import { CARD, INSPECTED } from "../../testing/image";
import { refusal, unfit } from "../circuit/section_words";
import { LensApi } from "./lens_api";
import { NewAnalysis } from "./new_analysis";

class Request extends EventTarget {
  static last: Request;
  upload = new EventTarget();
  responseType = "";
  responseText = "";
  status = 0;
  form: FormData | null = null;
  address = "";

  constructor() {
    super();
    Request.last = this;
  }

  open(_: string, address: string): void {
    this.address = address;
  }

  send(form: FormData): void {
    this.form = form;
  }

  getResponseHeader(): string | null {
    return null;
  }

  abort(): void {
    this.dispatchEvent(new Event("abort"));
  }

  answer(status: number, body: unknown): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.dispatchEvent(new Event("load"));
  }

  sent(loaded: number): void {
    const progress = Object.assign(new Event("progress"), { lengthComputable: true, loaded, total: 4 });
    this.upload.dispatchEvent(progress);
  }
}

class Stream extends EventTarget {
  static last: Stream;
  constructor(readonly url: string) {
    super();
    Stream.last = this;
  }
  close(): void {}
}

const image = (name = "my <b>cat</b>.png") => new File(["x"], name, { type: "image/png" });
const goesOn = { ...INSPECTED, state: "queued", reading: null };

/** An API whose answers to `GET` are `answers`, one after the other; notes what was requested. */
function made(...answers: unknown[]) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: globalThis.Request) => {
    asked.push(`${request.method} ${new URL(request.url, "http://here").pathname}`);
    const body = request.method === "DELETE" ? null : JSON.stringify(answers.shift() ?? {});
    return new Response(body, { status: body === null ? 204 : 200, headers: { "Content-Type": "application/json" } });
  });
  const looking = new NewAnalysis(new LensApi("cat-7k2m9"));
  const looked: string[] = [];
  looking.on("finished", ({ id }) => looked.push(id));
  document.body.replaceChildren(looking.element);
  return { looking, looked, asked, text: () => looking.element.textContent, root: looking.element };
}

function ends(state: string): void {
  const job = { id: "job-1", kind: "analyse", queue: "inspections", stages: [], done: 0, total: 0, problem: null };
  Stream.last.dispatchEvent(new MessageEvent("end", { data: JSON.stringify({ ...job, state, fraction: 1 }) }));
}

describe("inspecting an image", () => {
  beforeEach(() => {
    vi.stubGlobal("XMLHttpRequest", Request);
    vi.stubGlobal("EventSource", Stream);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("uploads a file, shows the progress, and emits the result", async () => {
    const { looking, looked, text, root } = made();
    const done = looking.file(image());
    expect(Request.last.address).toBe("/api/v1/uploads/analyses?wait=3");
    expect(Request.last.form?.get("circuit")).toBe("cat-7k2m9");
    Request.last.sent(1);
    expect(text()).toContain("Uploading my <b>cat</b>.png25 %");
    Request.last.sent(4);
    expect(text()).toContain("Inspecting my <b>cat</b>.png…");
    expect(root.querySelector("b")).toBeNull();
    Request.last.answer(200, INSPECTED);
    await done;
    expect(looked).toEqual(["photo-7k2m9"]);
    expect(root.querySelector<HTMLElement>(".lens-looking-line")?.hidden).toBe(true);
  });

  it("says why an image is rejected, in a message that can be dismissed", async () => {
    const { looking, looked, text, root } = made();
    const done = looking.file(image("notes.png"));
    Request.last.answer(415, { title: "Unknown kind of file", detail: "It is no picture." });
    await done;
    expect(text()).toContain("“notes.png” was rejected. Unknown kind of file: It is no picture.");
    expect(looked).toEqual([]);
    root.querySelector<HTMLElement>("[aria-label=Dismiss]")?.click();
    expect(root.querySelector<HTMLElement>(".lens-looking-line")?.hidden).toBe(true);
  });

  it("uploads only images", async () => {
    const { looking, text } = made();
    const before = Request.last;
    await looking.file(new File(["x"], "notes.pdf", { type: "application/pdf" }));
    expect(text()).toContain("“notes.pdf” is not an image");
    expect(Request.last).toBe(before);
  });

  it("stops when it is cancelled, without a message", async () => {
    const { looking, looked, root } = made();
    const done = looking.file(image());
    [...root.querySelectorAll("button")].find((button) => button.textContent === "Cancel")?.click();
    await done;
    expect(looked).toEqual([]);
    expect(root.querySelector<HTMLElement>(".lens-looking-line")?.hidden).toBe(true);
  });

  it("follows a longer job, and loads the analysis when it has ended", async () => {
    const { looking, looked, asked, text } = made(INSPECTED);
    const done = looking.file(image());
    Request.last.answer(202, goesOn);
    await settled();
    expect(Stream.last.url).toBe("/api/v1/jobs/job-1/events");
    expect(text()).not.toContain("The network looks");
    ends("succeeded");
    await done;
    expect(asked).toContain("GET /api/v1/analyses/photo-7k2m9");
    expect(looked).toEqual(["photo-7k2m9"]);
  });

  it("deletes the analysis of an unreadable image", async () => {
    const problem = { type: "bad-upload", title: "The upload is refused", detail: "It is damaged." };
    const { looking, looked, asked, text } = made({
      ...goesOn,
      state: "failed",
      job: { ...CARD.job, problem },
    });
    const done = looking.file(image("cat.png"));
    Request.last.answer(202, goesOn);
    await settled();
    ends("failed");
    await done;
    expect(asked).toContain("DELETE /api/v1/analyses/photo-7k2m9");
    expect(text()).toContain("“cat.png” was rejected. The upload is refused: It is damaged.");
    expect(looked).toEqual([]);
  });

  it("requests an image of a data set", async () => {
    const { looking, looked, asked } = made(INSPECTED);
    await looking.picture("photos-2m9x4", 3, "0003");
    expect(asked).toEqual(["POST /api/v1/analyses"]);
    expect(looked).toEqual(["photo-7k2m9"]);
  });
});

describe("a refusal", () => {
  it("is a sentence, whatever the server says", () => {
    expect(refusal("a.png", { title: "Too large", detail: "" })).toBe("“a.png” was rejected. Too large.");
    expect(refusal("a.png", { title: "Too large", detail: "At most 20 MB." })).toBe(
      "“a.png” was rejected. Too large: At most 20 MB.",
    );
  });

  it("comes before the upload for files that cannot be images", () => {
    expect(unfit(new File([], "empty.png", { type: "image/png" }))).toBe("“empty.png” is empty.");
    expect(unfit(new File(["x"], "photo.ppm"))).toBeNull();
    expect(unfit(image())).toBeNull();
  });
});
