/** Signals for requests of which only the latest counts. Short: widgets of several rooms share it. */

export class Latest {
  private running = new AbortController();

  /** All end with `life`. */
  constructor(private readonly life?: AbortSignal) {
    life?.addEventListener("abort", () => this.stop());
  }

  /** Aborts the previous request, and returns the signal of the next one. */
  next(): AbortSignal {
    this.stop();
    this.running = new AbortController();
    if (this.life?.aborted) this.running.abort();
    return this.running.signal;
  }

  /** Aborts the present request. */
  stop(): void {
    this.running.abort();
  }
}
