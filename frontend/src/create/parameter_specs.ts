/** What may be asked of a trace: its parameters with names for people and a sentence each; the API tells the rest. */

import type { Schemas } from "../api/client";
import { PARAMETER_RANGES } from "../api/parameters";

export type TraceParameters = Schemas["TraceParameters"];
export type ParameterName = Exclude<keyof TraceParameters, "layers">;
/** What stands in the fields, as it was typed. */
export type Typed = Record<ParameterName, string>;

interface Words {
  label: string;
  /** One sentence. */
  meaning: string;
  /** Words for the values of a choice. */
  choices?: Record<string, string>;
  /** Shown only under "more". */
  rare?: boolean;
}

export interface ParameterSpec extends Words {
  name: ParameterName;
  kind: "whole" | "number" | "fractions" | "choice";
  low: number;
  high: number;
  initial: string;
}

/** In the order of the page. */
const WORDS: Record<ParameterName, Words> = {
  images: { label: "Images", meaning: "At most so many images that the network takes for the class are cut up." },
  top_k: {
    label: "Patches of a neuron",
    meaning: "The patches that a neuron responds to most are what it stands for.",
  },
  tau: {
    label: "Core neurons (τ)",
    meaning: "For each neuron, so many neurons one layer below that it rests on most are followed.",
  },
  crops: {
    label: "Windows",
    meaning: "Patches are cut at these sizes, as parts of the image’s side; each smaller one adds many patches.",
  },
  max_groups: {
    label: "Groups in a layer",
    meaning: "Neurons that respond to the same patches are grouped, into no more groups than this.",
  },
  exemplars: { label: "Exemplars", meaning: "So many patches of each group, at most, show what it responds to." },
  held_out: {
    label: "Held-out images",
    meaning: "On so many other images each group is knocked out, to see what the class loses without it.",
  },
  seed: {
    label: "Seed",
    meaning: "Chooses the images where there are more than enough; the same seed gives the same circuit.",
  },
  tokens: {
    label: "Transformer tokens",
    meaning: "What a transformer’s response to a patch is: the mean over its tokens, or its class token.",
    choices: { mean: "mean", class: "class token" },
    rare: true,
  },
  max_semantic_groups: {
    label: "Parts of a neuron",
    meaning: "A neuron that responds to several things is split into no more parts than this.",
    rare: true,
  },
  min_silhouette: {
    label: "Least silhouette",
    meaning: "How well apart the parts must be, or the neuron stays whole.",
    rare: true,
  },
  nodes: {
    label: "Nodes at first",
    meaning: "Attribution integrates along a path: it begins with so many points on it.",
    rare: true,
  },
  max_nodes: {
    label: "Nodes at most",
    meaning: "It stops at so many points even where the core neurons are not yet settled.",
    rare: true,
  },
  completeness: {
    label: "Error of the integral",
    meaning: "Below this relative error the integral counts as settled.",
    rare: true,
  },
  margin: {
    label: "Margin",
    meaning: "The last core neuron must lead the next by so many times the integral’s error.",
    rare: true,
  },
};

export const MOST_CROPS = PARAMETER_RANGES.crops.most;

export const PARAMETERS: readonly ParameterSpec[] = (Object.keys(WORDS) as ParameterName[]).map((name) => ({
  name,
  ...PARAMETER_RANGES[name],
  ...WORDS[name],
}));

export const DEFAULTS = Object.fromEntries(PARAMETERS.map(({ name, initial }) => [name, initial])) as Typed;
