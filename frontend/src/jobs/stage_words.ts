/** What a job is doing, in words for people: the names of stages as the worker reports them, and how long is left. */

import { duration } from "../base/format";
import type { Job } from "./watch_jobs";

export type JobKind = Job["kind"];

const TRACE: Record<string, string> = {
  loading: "Loading the network and the data",
  graph: "Finding the network’s layers",
  images: "Choosing images that the network takes for the class",
  activations: "Recording how every neuron responds to every patch",
  importance: "Knocking groups out to see what each is worth",
  saving: "Saving the pictures",
};

const OTHER: Record<Exclude<JobKind, "trace">, Record<string, string>> = {
  inspect_network: { loading: "Loading the network", graph: "Finding its layers" },
  inspect_dataset: {
    loading: "Looking for the images",
    files: "Reading the files",
    images: "Making pictures to browse",
  },
  evaluate: { loading: "Loading the network and the data", images: "Running the network over the pictures" },
  analyse: { loading: "Loading the network", reading: "Reading the image", looking: "Looking at the image" },
  measure: {
    loading: "Loading the network",
    reading: "Reading the images",
    measuring: "Measuring what the groups are worth",
  },
  import: { unpacking: "Unpacking the file", saving: "Saving the circuit" },
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

/** A stage in words; one that this version does not know keeps its own name. */
export function stageWords(stage: string, kind: JobKind = "trace"): string {
  if (stage.startsWith("layer ")) return `Tracing layer ${stage.slice("layer ".length)}`;
  return (kind === "trace" ? TRACE : OTHER[kind])[stage] ?? stage;
}

/** How far a stage is, `12 of 32 neurons`; empty where it is not counted. */
export function stageCount(stage: string, done: number, total: number): string {
  const unit = UNITS[stage.split(" ", 1)[0] ?? ""];
  if (!unit || total <= 1) return "";
  return `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}`;
}

/** The time left, no more exact than it is known; empty while it is not. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null) return "";
  if (seconds < 8) return "a few seconds left";
  return `about ${duration(seconds < 90 ? Math.round(seconds / 5) * 5 : seconds)} left`;
}
