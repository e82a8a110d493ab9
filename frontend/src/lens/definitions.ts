/** The definitions of the lens's numbers: a sentence, and the formula. */

import type { Meaning } from "../base/term";

export interface Definition extends Meaning {
  name: string;
  /** How it is computed. */
  exact: string;
}

export const DEFINITIONS = {
  score: {
    name: "M score",
    meaning:
      "How strongly the image fires the group. About 1 if all its neurons are as active as on their own patches.",
    exact:
      "The highest over the image’s crops of exp(mean over the group’s neurons a of log(max(φₐ(crop), 0) / (|mₐ| + ε) + ε)): " +
      "φₐ is the neuron’s pooled activation, mₐ its mean on its own patches in the group, ε = 10⁻⁶. As a geometric mean, " +
      "it is low if one neuron is silent.",
    anchor: "m-score",
  },
  percentile: {
    name: "Percentile",
    meaning: "The percentage of the circuit’s traced images that fire the group less than this image.",
    exact:
      "100 × (number of traced images with a lower M score + half of those with the same score) / number of traced " +
      "images. Scores within a ten-thousandth count as the same.",
    anchor: "percentile",
  },
  fires: {
    name: "Fires",
    meaning:
      "The group is about as active as on its own patches, and its score is not among the lowest tenth for the class.",
    exact: "The M score is at least 0.5 and the percentile at least 10.",
    anchor: "fires",
  },
  silent: {
    name: "Silent",
    meaning: "The group usually fires for this class, but not for this image.",
    exact: "The group does not fire for this image, but it fires for at least half of the traced images.",
    anchor: "silent",
  },
  usual: {
    name: "Usual",
    meaning: "The share of the circuit’s traced images for which the group fires.",
    exact: "The share of the traced images with an M score of at least 0.5 and a percentile of at least 10.",
    anchor: "usual",
  },
  place: {
    name: "Where it fires",
    meaning: "The group’s activation on the crops of this image, put back where they were cut.",
    exact:
      "On each crop the mean over the group’s neurons of max(F, 0) / (|m| + ε), F the feature map and m the neuron’s usual " +
      "activation, times the crop’s score; averaged over the crops of one size that cover a place, then over the sizes.",
    anchor: "place",
  },
  probability: {
    name: "Probability",
    meaning: "How sure the network is of a class.",
    exact: "The softmax of the network’s logits for the centre square of the image.",
    anchor: "probability",
  },
  logit: {
    name: "Logit",
    meaning: "The network’s raw score for a class, before all scores are turned into probabilities.",
    exact: "The class’s value in the network’s last output, before the softmax, for the centre square of the image.",
    anchor: "logit",
  },
  knockOut: {
    name: "Knock-out",
    meaning: "What the network would predict if the groups’ neurons were set to 0 or scaled.",
    exact:
      "The image goes through the network up to the lowest layer of the chosen groups. There the activations of the " +
      "groups’ neurons are multiplied by the factor, 0 to knock them out. The rest of the network runs from there, and " +
      "scales again in each higher layer of the chosen groups. A neuron in several groups takes the smallest factor.",
    anchor: "knock-out",
  },
  randomNeurons: {
    name: "Random neurons",
    meaning:
      "The same knock-out with as many random neurons. An effect that is no larger than theirs cannot be credited to the groups.",
    exact:
      "20 times, the same factors are given to neurons drawn at random from all neurons of the same layers. You see mean " +
      "and standard deviation of the change over the 20 sets.",
    anchor: "random-neurons",
  },
  logitDrop: {
    name: "Logit drop",
    meaning: "How far the class’s logit falls without this group. Negative: the group speaks against the class.",
    exact: "The class’s logit minus its logit with all neurons of this group, and no others, multiplied by 0.",
    anchor: "logit-drop",
  },
  probabilityDrop: {
    name: "Probability drop",
    meaning: "How much less sure the network is of the class without this group, in percentage points.",
    exact:
      "100 × (the class’s probability − its probability with all neurons of this group, and no others, multiplied by 0).",
    anchor: "probability-drop",
  },
  accuracy: {
    name: "Accuracy",
    meaning: "The share of the images of the class that the network predicts as this class.",
    exact:
      "The share of the circuit’s held-out images of the class for which the class’s logit is the highest: before, and " +
      "with the groups’ neurons multiplied by their factors.",
    anchor: "accuracy",
  },
  meanLogit: {
    name: "Mean logit",
    meaning: "The class’s logit averaged over the held-out images.",
    exact:
      "The mean of the class’s logit over the circuit’s held-out images: before, and with the groups’ neurons multiplied " +
      "by their factors. Each random set is the same for all images.",
    anchor: "mean-logit",
  },
  disagreement: {
    name: "Disagreement",
    meaning: "How much a group explains that the image was predicted as the wrong class.",
    exact:
      "The group’s contribution to its circuit’s class (0 if negative), times percentile / 100 for a group of the wrong " +
      "class that fires, or times 1 − percentile / 100 for a group of the right class that does not fire. Without a " +
      "percentile: times 1.",
    anchor: "disagreement",
  },
  difference: {
    name: "Difference",
    meaning: "How much more (positive) or less (negative) the other image fires the group.",
    exact: "The other image’s percentile minus this image’s, from −100 to 100.",
    anchor: "difference",
  },
  pixels: {
    name: "Pixels",
    meaning: "Which pixels make the group fire, and which inhibit it, on the crop that fires it most.",
    exact:
      "Integrated gradients of the mean over the group’s neurons of φₐ / (|mₐ| + ε) on the crop that fires it most, from " +
      "mean grey to the crop, summed over the colours, and over the pixels of each of at most 64 × 64 places. The sum of " +
      "all places is the activation on the crop minus that on mean grey.",
    anchor: "pixels",
  },
} as const satisfies Record<string, Definition>;

export type Term = keyof typeof DEFINITIONS;
