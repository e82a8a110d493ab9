/** The stages of jobs in words, and the time left. */

import { duration } from "../base/format";
import type { Job } from "./watch_jobs";

export type JobKind = Job["kind"];

const TRACE: Record<string, string> = {
  loading: "Loading network and data",
  graph: "Finding layers",
  images: "Choosing images predicted as the class",
  activations: "Recording activations",
  importance: "Knocking out groups",
  saving: "Saving pictures",
};

const OTHER: Record<Exclude<JobKind, "trace">, Record<string, string>> = {
  inspect_network: { loading: "Loading network", graph: "Finding layers" },
  inspect_dataset: {
    loading: "Finding images",
    files: "Reading files",
    images: "Creating thumbnails",
  },
  evaluate: { loading: "Loading network and data", images: "Running the network on the images" },
  analyse: { loading: "Loading network", reading: "Reading image", inspecting: "Inspecting image" },
  measure: {
    loading: "Loading network",
    reading: "Reading images",
    measuring: "Measuring groups",
  },
  import: { unpacking: "Unpacking file", saving: "Saving circuit" },
};

/** Units of a stage's count, by the first word of its name. */
const UNITS: Record<string, string> = {
  images: "images",
  files: "files",
  activations: "patches",
  layer: "neurons",
  importance: "steps",
  saving: "pictures",
};

/** A stage in words; its own name if it is unknown here. */
export function stageWords(stage: string, kind: JobKind = "trace"): string {
  if (stage.startsWith("layer ")) return `Tracing layer ${stage.slice("layer ".length)}`;
  return (kind === "trace" ? TRACE : OTHER[kind])[stage] ?? stage;
}

/** The progress of a stage, `12 of 32 neurons`; empty if it is not counted. */
export function stageCount(stage: string, done: number, total: number): string {
  const unit = UNITS[stage.split(" ", 1)[0] ?? ""];
  if (!unit || total <= 1) return "";
  return `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}`;
}

/** The time left, rounded; empty while it is unknown. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null) return "";
  if (seconds < 8) return "a few seconds left";
  return `about ${duration(seconds < 90 ? Math.round(seconds / 5) * 5 : seconds)} left`;
}
