import { expect, it } from "vitest";
import { Latest } from "./latest";

it("aborts a request when the next one begins, or is no longer needed", () => {
  const latest = new Latest();
  const first = latest.next();
  expect(first.aborted).toBe(false);
  const second = latest.next();
  expect([first.aborted, second.aborted]).toEqual([true, false]);
  latest.stop();
  expect(second.aborted).toBe(true);
});

it("ends with the life that it is given", () => {
  const life = new AbortController();
  const latest = new Latest(life.signal);
  const signal = latest.next();
  life.abort();
  expect(signal.aborted).toBe(true);
  expect(latest.next().aborted).toBe(true);
});
