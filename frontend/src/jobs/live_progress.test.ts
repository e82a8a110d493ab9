import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveProgress } from "./live_progress";
import { stageCount, stageWords, timeLeft } from "./stage_words";
import type { Job } from "./watch_jobs";

const JOB: Job = {
  id: "job-1",
  kind: "trace",
  queue: "circuits",
  subject: "cat-1",
  state: "running",
  cancel_requested: false,
  attempts: 1,
  stage: "layer layer3.1",
  done: 12,
  total: 32,
  fraction: 0.46,
  remaining_seconds: 21.5,
  stages: [{ stage: "layer layer4.1", items: 32, seconds: 4.2 }],
  problem: null,
  created_at: "2026-01-01T12:00:00Z",
  started_at: "2026-01-01T12:00:00Z",
  finished_at: null,
  version: 3,
};

class Stream extends EventTarget {
  static last: Stream;
  closed = false;
  constructor(readonly url: string) {
    super();
    Stream.last = this;
  }
  close() {
    this.closed = true;
  }
  send(name: "progress" | "end", change: Partial<Job>) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify({ ...JOB, ...change }) }));
  }
}

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const answers = vi.fn<(url: string, method: string) => Response>();
const text = (live: LiveProgress) => live.element.textContent ?? "";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("fetch", async (request: Request) => answers(new URL(request.url).pathname, request.method));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  answers.mockReset();
});

describe("LiveProgress", () => {
  it("shows what is done, the present stage, and the time left", () => {
    const live = new LiveProgress("job-1");
    expect(Stream.last.url).toBe("/api/v1/jobs/job-1/events");
    Stream.last.send("progress", {});
    expect(text(live)).toContain("Tracing layer layer3.1");
    expect(text(live)).toContain("46 %");
    expect(text(live)).toContain("12 of 32 neurons");
    expect(text(live)).toContain("about 20 s left");
    expect(live.element.querySelector("li")?.textContent).toBe("Tracing layer layer4.14.2 s");
  });

  it("says nothing of the time left while it is unknown, and 100 % never before the end", () => {
    const live = new LiveProgress("job-1");
    Stream.last.send("progress", { remaining_seconds: null, fraction: 1 });
    expect(text(live)).not.toContain("left");
    expect(text(live)).toContain("99 %");
  });

  it("shows a summary until the first event", () => {
    const live = new LiveProgress("job-1", {
      id: "job-1",
      stage: null,
      fraction: 0,
      remaining_seconds: null,
      cancel_requested: false,
      problem: null,
    });
    expect(text(live)).toContain("Queued");
  });

  it("says how to start a worker if none is alive", async () => {
    const figures = '# TYPE neurflow_workers gauge\nneurflow_workers{queue="circuits"} 0.0\n';
    answers.mockImplementation(() => new Response(figures));
    const live = new LiveProgress("job-1");
    Stream.last.send("progress", { state: "queued", stage: null, stages: [] });
    await vi.advanceTimersByTimeAsync(2000);
    expect(live.element.querySelector("code")?.textContent).toBe("neurflow worker --queue circuits");
  });

  it("cancels", async () => {
    answers.mockImplementation(() => json({ ...JOB, cancel_requested: true }, 202));
    const live = new LiveProgress("job-1");
    Stream.last.send("progress", {});
    const button = live.element.querySelector("button");
    button?.click();
    await vi.advanceTimersByTimeAsync(1);
    expect(answers).toHaveBeenCalledWith("/api/v1/jobs/job-1/cancel", "POST");
    expect(live.element.querySelector("strong")?.textContent).toBe("Cancelling…");
    expect(button?.disabled).toBe(true);
  });

  it("says why it failed, and finishes once", () => {
    const live = new LiveProgress("job-1");
    const finished = vi.fn();
    live.on("finished", finished);
    const problem = { type: "few-images", title: "Too few images", detail: "0 of 9 are taken for cat." };
    Stream.last.send("end", { state: "failed", problem });
    Stream.last.send("end", { state: "failed", problem });
    expect(text(live)).toContain("Too few images");
    expect(text(live)).toContain("0 of 9 are taken for cat.");
    expect(finished).toHaveBeenCalledTimes(1);
    expect(Stream.last.closed).toBe(true);
  });

  it("reconnects after a lost connection, even if the browser gave up", async () => {
    const live = new LiveProgress("job-1");
    const connection = vi.fn();
    live.on("connection", connection);
    const first = Stream.last;
    answers.mockImplementation(() => json(JOB));
    first.dispatchEvent(new Event("error"));
    expect(text(live)).toContain("Connection lost");
    await vi.advanceTimersByTimeAsync(5000);
    expect(Stream.last).not.toBe(first);
    expect(first.closed).toBe(true);
    Stream.last.dispatchEvent(new Event("open"));
    expect(text(live)).not.toContain("Connection lost");
    expect(connection.mock.calls).toEqual([[false], [true]]);
  });

  it("says when the job no longer exists", async () => {
    answers.mockImplementation(() => json({ title: "Not found", detail: "" }, 404));
    const live = new LiveProgress("job-1");
    Stream.last.dispatchEvent(new Event("error"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(text(live)).toContain("no longer exists");
  });
});

describe("words", () => {
  it("names stages of each kind, and leaves unknown ones as they are", () => {
    expect(stageWords("graph")).toContain("layers");
    expect(stageWords("images", "evaluate")).toContain("Running the network");
    expect(stageWords("polishing", "import")).toBe("polishing");
    expect(stageCount("loading", 0, 1)).toBe("");
  });

  it("rounds the time left", () => {
    expect(timeLeft(3)).toBe("a few seconds left");
    expect(timeLeft(61.4)).toBe("about 60 s left");
    expect(timeLeft(200)).toBe("about 3 min left");
  });
});
