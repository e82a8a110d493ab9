/** Follows the job that computes the circuit: progress, finished layers, end. */

import { optional } from "../base/load";
import type { Overview } from "../circuit/types";
import { LiveProgress } from "../jobs/live_progress";
import type { Loader } from "./loader";

interface Follower {
  /** Another layer is finished. */
  layers(preview: Overview): void;
  /** The job ended in any state. */
  ended(): void;
}

export class JobFollower {
  readonly element: HTMLElement;
  private readonly progress: LiveProgress;
  private stage: string | null = null;
  private layers = 0;
  private over = false;

  /** `previews` is false if a previous result is shown in the meantime. */
  constructor(
    private readonly overview: Overview,
    private readonly loader: Loader,
    private readonly previews: boolean,
    private readonly follower: Follower,
  ) {
    this.progress = new LiveProgress(overview.job.id, overview.job);
    this.element = this.progress.element;
    this.progress.on("change", (job) => {
      if (job.stage !== this.stage) void this.ask();
      this.stage = job.stage;
    });
    this.progress.on("finished", () => {
      this.over = true;
      follower.ended();
    });
    void this.ask();
  }

  close(): void {
    this.over = true;
    this.progress.close();
    this.element.remove();
  }

  /** Loads the finished layers. Failures are ignored: the next stage repeats the request. */
  private async ask(): Promise<void> {
    if (!this.previews || this.over) return;
    const preview = await optional(this.loader.preview(this.overview));
    if (this.over || !preview || preview.layers.length <= this.layers) return;
    this.layers = preview.layers.length;
    this.follower.layers(preview);
  }
}
