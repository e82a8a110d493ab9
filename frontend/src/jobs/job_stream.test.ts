import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exampleJob } from "../../testing/circuit_cards";
import { ExampleStream } from "../../testing/server";
import { JobStream } from "./job_stream";

describe("the stream of all jobs", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    ExampleStream.install();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is reopened after a response for which browsers do not reconnect", () => {
    const life = new AbortController();
    const stream = new JobStream(life.signal);
    const heard: string[] = [];
    stream.on("connection", (there) => heard.push(there ? "there" : "lost"));
    stream.on("back", () => heard.push("back"));
    stream.on("job", ({ job }) => heard.push(job.id));
    ExampleStream.last.dispatchEvent(new Event("error"));
    vi.advanceTimersByTime(6000);
    expect(ExampleStream.all.map(({ closed }) => closed)).toEqual([true, false]);
    ExampleStream.last.dispatchEvent(new Event("error"));
    vi.advanceTimersByTime(6000);
    ExampleStream.last.dispatchEvent(new Event("open"));
    ExampleStream.last.tell(exampleJob());
    expect(heard).toEqual(["lost", "there", "back", "job-cat-7k2m9"]);
    life.abort();
    vi.advanceTimersByTime(60_000);
    expect(ExampleStream.all.map(({ closed }) => closed)).toEqual([true, true, true]);
  });
});
