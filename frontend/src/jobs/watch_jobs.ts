/** Follows one job or all jobs over the server's event stream. */

import { at } from "../api/address";
import { askLoggedIn, type Schemas } from "../api/client";

export type Job = Schemas["JobOut"];

export const OPEN_STATES: ReadonlySet<string> = new Set(["queued", "running"]);

export interface Watcher {
  /** A job changed; `ended` if that was its last change. */
  job(job: Job, ended: boolean): void;
  /** The connection was lost (`false`) or is back (`true`). The browser reconnects by itself. */
  connection?(there: boolean): void;
}

/** Watches one job until it ends, or all jobs if `jobId` is null, until `signal` is aborted. */
export function watchJobs(jobId: string | null, watcher: Watcher, signal: AbortSignal): void {
  if (signal.aborted) return;
  const source = new EventSource(jobId === null ? at("/api/v1/events") : at(`/api/v1/jobs/${jobId}/events`));
  const hear = (ended: boolean) => (event: MessageEvent<string>) => {
    watcher.job(JSON.parse(event.data) as Job, ended);
    if (ended && jobId !== null) source.close();
  };
  source.addEventListener("progress", hear(false));
  source.addEventListener("end", hear(true));
  source.addEventListener("open", () => watcher.connection?.(true));
  source.addEventListener("error", () => {
    watcher.connection?.(false);
    // The browser gave up, as the response was not a stream. Another request finds out if the user was signed out.
    if (source.readyState === 2) void askLoggedIn();
  });
  signal.addEventListener("abort", () => source.close());
}
