/** The stream of all jobs' changes while a page is open. Reconnects when the server comes back. */

import { Widget } from "../base/widget";
import { type Job, watchJobs } from "./watch_jobs";

const AGAIN_MS = 5000;

interface JobStreamEvents {
  job: { job: Job; ended: boolean };
  /** Whether the server is connected. Emitted when that changes. */
  connection: boolean;
  /** The server is connected again. Changes in between were missed. */
  back: undefined;
}

/** One stream for the whole page. The element is a banner while the connection is lost. */
export class JobStream extends Widget<JobStreamEvents> {
  readonly element = document.createElement("p");
  private there = true;
  private timer = 0;

  constructor(private readonly signal: AbortSignal) {
    super();
    this.element.className = "lost-connection";
    this.element.setAttribute("role", "status");
    this.open();
  }

  private open(): void {
    if (this.signal.aborted) return;
    const attempt = new AbortController();
    const close = () => attempt.abort();
    this.signal.addEventListener("abort", close, { signal: attempt.signal });
    watchJobs(
      null,
      {
        job: (job, ended) => this.emit("job", { job, ended }),
        connection: (there) => {
          clearTimeout(this.timer);
          // The browser reconnects by itself, but not after a response that is not a stream.
          if (!there) {
            this.timer = window.setTimeout(() => {
              close();
              this.open();
            }, AGAIN_MS);
          }
          this.tell(there);
        },
      },
      attempt.signal,
    );
    this.signal.addEventListener("abort", () => clearTimeout(this.timer), { signal: attempt.signal });
  }

  private tell(there: boolean): void {
    if (there === this.there) return;
    this.there = there;
    this.element.textContent = there ? "" : "Connection lost. Reconnecting…";
    this.emit("connection", there);
    if (there) this.emit("back", undefined);
  }
}
