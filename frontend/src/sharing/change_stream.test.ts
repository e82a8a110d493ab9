import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listen } from "./change_stream";

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static made: FakeSource[] = [];
  readyState = 1;

  constructor(readonly url: string) {
    super();
    FakeSource.made.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  say(kind: string, data: string): void {
    this.dispatchEvent(new MessageEvent(kind, { data }));
  }
}

beforeEach(() => {
  FakeSource.made = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
});
afterEach(() => vi.useRealTimers());

describe("the stream of a circuit", () => {
  it("passes on each kind of change, and ignores invalid JSON", () => {
    const hear = vi.fn();
    listen("cat-1", { hear, lost: vi.fn() }, new AbortController().signal);
    const [source] = FakeSource.made;
    expect(source?.url).toBe("/api/v1/circuits/cat-1/changes");
    source?.say("ready", "{}");
    source?.say("label", '{"number":1,"group":"a/1"}');
    source?.say("reset", "oops");
    expect(hear.mock.calls).toEqual([
      ["ready", {}],
      ["label", { number: 1, group: "a/1" }],
      ["reset", {}],
    ]);
  });

  it("leaves retries to the browser, reopens when it gives up, and can be ended", () => {
    const lost = vi.fn();
    const life = new AbortController();
    listen("cat-1", { hear: vi.fn(), lost }, life.signal);
    const [first] = FakeSource.made;
    first?.dispatchEvent(new Event("error"));
    vi.runAllTimers();
    expect(FakeSource.made).toHaveLength(1);
    first?.close();
    first?.dispatchEvent(new Event("error"));
    vi.runAllTimers();
    expect([FakeSource.made.length, lost.mock.calls.length]).toEqual([2, 2]);
    life.abort();
    expect(FakeSource.made[1]?.readyState).toBe(FakeSource.CLOSED);
  });
});
