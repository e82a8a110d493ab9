/** A server and a stream of jobs that tests write: answers by method and path, events when the test says so. */

import { vi } from "vitest";
import type { Job } from "../src/jobs/watch_jobs";

type Answer = (url: URL, body: unknown) => unknown;

/** What a test's server was asked. */
export interface Asked {
  method: string;
  url: URL;
  body: unknown;
}

/** An answer other than 200. */
export class Status {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
}

/** Answers requests by `METHOD /path`; gives the list of what is asked. */
export function serve(answers: Record<string, Answer>): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const url = new URL(request.url, "http://localhost");
    const text = await request.clone().text();
    const body = text && JSON.parse(text);
    asked.push({ method: request.method, url, body });
    const answer = answers[`${request.method} ${url.pathname}`];
    const found = answer
      ? answer(url, body)
      : new Status(404, { title: "Not found", detail: `nothing at ${url.pathname}` });
    const [status, content] = found instanceof Status ? [found.status, found.body] : [200, found];
    const headers = { "Content-Type": "application/json" };
    return new Response(status === 204 ? null : JSON.stringify(content), { status, headers });
  });
  return asked;
}

/** Streams in place of the browser's. */
export class ExampleStream extends EventTarget {
  static all: ExampleStream[] = [];
  closed = false;

  constructor(readonly url: string) {
    super();
    ExampleStream.all.push(this);
  }

  static install(): void {
    ExampleStream.all = [];
    vi.stubGlobal("EventSource", ExampleStream);
  }

  /** The newest one. */
  static get last(): ExampleStream {
    const last = ExampleStream.all.at(-1);
    if (!last) throw new Error("no stream was opened");
    return last;
  }

  close(): void {
    this.closed = true;
  }

  tell(job: Job, ended = false): void {
    this.dispatchEvent(new MessageEvent(ended ? "end" : "progress", { data: JSON.stringify(job) }));
  }
}

/** Until all that was begun has come to rest. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
