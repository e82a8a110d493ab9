/** Labels and meanings of the parameters of a trace; defaults and ranges come from the API. */

import type { Schemas } from "../api/client";
import { PARAMETER_RANGES } from "../api/parameters";

export type TraceParameters = Schemas["TraceParameters"];
export type ParameterName = Exclude<keyof TraceParameters, "layers">;
/** The text in the fields, as typed. */
export type Typed = Record<ParameterName, string>;

interface Words {
  label: string;
  /** One sentence. */
  meaning: string;
  /** The glossary's term for it, as the part of its address after `#`. */
  anchor?: string;
  /** For choices: the label of each value. */
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
  images: { label: "Images", meaning: "Maximum number of images of the class to use.", anchor: "traced-images" },
  top_k: {
    label: "Patches per neuron",
    meaning: "Number of patches in a neuron’s concept: those with the highest activation.",
    anchor: "concept",
  },
  tau: {
    label: "Core neurons (τ)",
    meaning: "Number of core neurons to follow for each neuron in the layer below.",
    anchor: "core-neuron",
  },
  crops: {
    label: "Windows",
    meaning: "Sizes of the patches, relative to the image’s side. Small windows add many patches.",
    anchor: "patch",
  },
  max_groups: {
    label: "Groups per layer",
    meaning: "Maximum number of neuron groups in a layer.",
    anchor: "neuron-group",
  },
  exemplars: { label: "Exemplars", meaning: "Maximum number of patches that represent a group.", anchor: "exemplar" },
  held_out: {
    label: "Held-out images",
    meaning: "Maximum number of other images to knock groups out on.",
    anchor: "held-out-images",
  },
  seed: {
    label: "Seed",
    meaning: "Selects the images if there are more than needed. The same seed gives the same circuit.",
  },
  tokens: {
    label: "Transformer tokens",
    meaning: "How to pool a transformer’s activation: mean over the tokens, or the class token.",
    anchor: "activation",
    choices: { mean: "mean", class: "class token" },
    rare: true,
  },
  max_semantic_groups: {
    label: "Semantic groups per neuron",
    meaning: "Maximum number of semantic groups to split a neuron’s concept into.",
    anchor: "semantic-group",
    rare: true,
  },
  min_silhouette: {
    label: "Minimum silhouette",
    meaning: "A concept is only split if its parts are separated at least this well.",
    anchor: "silhouette",
    rare: true,
  },
  nodes: {
    label: "Initial nodes",
    meaning: "Nodes of the integration at first.",
    anchor: "node",
    rare: true,
  },
  max_nodes: {
    label: "Maximum nodes",
    meaning: "Nodes of the integration at most, even if core neurons are not settled.",
    anchor: "node",
    rare: true,
  },
  completeness: {
    label: "Maximum error",
    meaning: "Largest relative error of the integral at which it can count as settled.",
    anchor: "completeness",
    rare: true,
  },
  margin: {
    label: "Margin",
    meaning: "The gap after the last core neuron must be this many times the integral’s error.",
    anchor: "settled",
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
