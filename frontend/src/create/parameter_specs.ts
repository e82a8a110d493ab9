/** What may be asked of a trace: its parameters with names for people, a sentence each, ranges and defaults. */

import type { Schemas } from "../api/client";

export type TraceParameters = Schemas["TraceParameters"];
export type ParameterName = Exclude<keyof TraceParameters, "layers">;
/** What stands in the fields, as it was typed. */
export type Typed = Record<ParameterName, string>;

export interface ParameterSpec {
  name: ParameterName;
  label: string;
  /** One sentence. */
  meaning: string;
  kind: "whole" | "number" | "fractions" | "choice";
  low: number;
  high: number;
  initial: string;
  /** Words for the values of a choice. */
  choices?: Record<string, string>;
  /** Shown only under "more". */
  rare?: boolean;
}

export const MOST_CROPS = 6;
const MOST_SEED = 2 ** 31 - 1;

export const PARAMETERS: readonly ParameterSpec[] = [
  whole("images", "Images", 1, 10_000, 50, "At most so many images that the network takes for the class are cut up."),
  whole(
    "top_k",
    "Patches of a neuron",
    2,
    1000,
    50,
    "The patches that a neuron responds to most are what it stands for.",
  ),
  whole(
    "tau",
    "Core neurons (τ)",
    1,
    4096,
    16,
    "For each neuron, so many neurons one layer below that it rests on most are followed.",
  ),
  {
    name: "crops",
    label: "Windows",
    meaning: "Patches are cut at these sizes, as parts of the image’s side; each smaller one adds many patches.",
    kind: "fractions",
    low: 0.05,
    high: 1,
    initial: "1, 0.5, 0.25",
  },
  whole(
    "max_groups",
    "Groups in a layer",
    1,
    100,
    12,
    "Neurons that respond to the same patches are grouped, into no more groups than this.",
  ),
  whole("exemplars", "Exemplars", 1, 100, 9, "So many patches of each group, at most, show what it responds to."),
  whole(
    "held_out",
    "Held-out images",
    0,
    10_000,
    20,
    "On so many other images each group is knocked out, to see what the class loses without it.",
  ),
  whole(
    "seed",
    "Seed",
    0,
    MOST_SEED,
    0,
    "Chooses the images where there are more than enough; the same seed gives the same circuit.",
  ),
  {
    name: "tokens",
    label: "Transformer tokens",
    meaning: "What a transformer’s response to a patch is: the mean over its tokens, or its class token.",
    kind: "choice",
    low: 0,
    high: 0,
    initial: "mean",
    choices: { mean: "mean", class: "class token" },
    rare: true,
  },
  rare(
    whole(
      "max_semantic_groups",
      "Parts of a neuron",
      1,
      20,
      5,
      "A neuron that responds to several things is split into no more parts than this.",
    ),
  ),
  rare(
    number(
      "min_silhouette",
      "Least silhouette",
      -1,
      1,
      0.25,
      "How well apart the parts must be (−1 to 1), or the neuron stays whole.",
    ),
  ),
  rare(
    whole(
      "nodes",
      "Nodes at first",
      1,
      64,
      4,
      "Attribution integrates along a path: it begins with so many points on it.",
    ),
  ),
  rare(
    whole(
      "max_nodes",
      "Nodes at most",
      1,
      256,
      32,
      "It stops at so many points even where the core neurons are not yet settled.",
    ),
  ),
  rare(
    number(
      "completeness",
      "Error of the integral",
      1e-9,
      1,
      0.05,
      "Below this relative error the integral counts as settled.",
    ),
  ),
  rare(
    number(
      "margin",
      "Margin",
      0,
      100,
      2,
      "The last core neuron must lead the next by so many times the integral’s error.",
    ),
  ),
];

export const DEFAULTS = Object.fromEntries(PARAMETERS.map(({ name, initial }) => [name, initial])) as Typed;

function whole(name: ParameterName, label: string, low: number, high: number, initial: number, meaning: string) {
  return { name, label, meaning, kind: "whole" as const, low, high, initial: String(initial) };
}

function number(name: ParameterName, label: string, low: number, high: number, initial: number, meaning: string) {
  return { name, label, meaning, kind: "number" as const, low, high, initial: String(initial) };
}

function rare(spec: ParameterSpec): ParameterSpec {
  return { ...spec, rare: true };
}
