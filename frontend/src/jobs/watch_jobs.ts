/** Follows one job or all jobs over the server's event stream. */

import { askLoggedIn, type Schemas } from "../api/client";

export type Job = Schemas["JobOut"];

export const OPEN_STATES: ReadonlySet<string> = new Set(["queued", "running"]);

export interface Watcher {
  /** A job changed; `ended` where it is over. */
  job(job: Job, ended: boolean): void;
  /** The stream was lost (`false`) or is there again (`true`). The browser tries again by itself. */
  connection?(there: boolean): void;
}

/** Watches one job until it has ended, or all jobs where `jobId` is null; until `signal` is aborted. */
export function watchJobs(jobId: string | null, watcher: Watcher, signal: AbortSignal): void {
  if (signal.aborted) return;
  const source = new EventSource(jobId === null ? "/api/v1/events" : `/api/v1/jobs/${jobId}/events`);
  const hear = (ended: boolean) => (event: MessageEvent<string>) => {
    watcher.job(JSON.parse(event.data) as Job, ended);
    if (ended && jobId !== null) source.close();
  };
  source.addEventListener("progress", hear(false));
  source.addEventListener("end", hear(true));
  source.addEventListener("open", () => watcher.connection?.(true));
  source.addEventListener("error", () => {
    watcher.connection?.(false);
    // Closed by the browser: the answer was no stream. Why, a stream does not tell.
    if (source.readyState === 2) void askLoggedIn();
  });
  signal.addEventListener("abort", () => source.close());
}
