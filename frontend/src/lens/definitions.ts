/** What each number of the lens is, in a sentence and exactly: one place for all of them. */

export interface Definition {
  name: string;
  /** A sentence for anybody. */
  plain: string;
  /** How it is computed. */
  exact: string;
}

export const DEFINITIONS = {
  score: {
    name: "M score",
    plain:
      "How strongly the image fires the group: about 1 where all its neurons are as active as on their own patches.",
    exact:
      "The highest over the image’s crops of exp(mean over the group’s neurons a of log(max(φₐ(crop), 0) / (|mₐ| + ε) + ε)): " +
      "φₐ is the neuron’s pooled activation, mₐ its mean on its own patches in the group, ε = 10⁻⁶. A geometric mean: one " +
      "silent neuron keeps the whole group low.",
  },
  percentile: {
    name: "Percentile",
    plain: "How much of the circuit’s own images of the class fire the group less than this one.",
    exact:
      "100 × (the number of the circuit’s own images whose score M is lower, plus half of those whose is the same) / their " +
      "number. Over the circuit’s own images it is uniform.",
  },
  fires: {
    name: "Fires",
    plain: "The group is about as active as on its own patches, and no less than usual for the class.",
    exact: "Its score M is at least 0.5 and its percentile at least 10.",
  },
  silent: {
    name: "Silent",
    plain: "The group usually fires for this class, but not for this image.",
    exact: "It does not fire here, though by the same rule it fires for at least half of the circuit’s own images.",
  },
  usual: {
    name: "Usual",
    plain: "For how many of the circuit’s own images the group fires.",
    exact:
      "The share of the images that the circuit was traced with whose score M is at least 0.5 and whose percentile is at least 10.",
  },
  place: {
    name: "Where it fires",
    plain: "The group’s activation on the crops of this image, put back where they were cut.",
    exact:
      "On each crop the mean over the group’s neurons of max(F, 0) / (|m| + ε), F the feature map and m the neuron’s usual " +
      "activation, times the crop’s score; averaged over the crops of one size that cover a place, then over the sizes.",
  },
  probability: {
    name: "Probability",
    plain: "How sure the network is of a class.",
    exact: "The softmax of the network’s logits for the centre square of the image.",
  },
  logit: {
    name: "Logit",
    plain: "The network’s raw score of a class, before all scores are made into probabilities.",
    exact: "The class’s place in the network’s last output, before the softmax, for the centre square of the image.",
  },
  knockOut: {
    name: "Knock-out",
    plain: "What the network would say if the neurons of the groups were silent, or louder.",
    exact:
      "The image goes through the network up to the lowest layer that is touched. There the activations of the groups’ " +
      "neurons are multiplied by the factor, 0 to knock them out; the rest of the network runs from there, scaled again " +
      "at each higher layer that is touched. A neuron in several of the groups takes the smallest factor.",
  },
  randomNeurons: {
    name: "Random neurons",
    plain: "What as many neurons drawn by chance would do: an effect no larger than that is no merit of the groups.",
    exact:
      "20 times the same factors are dealt to neurons drawn at random from all of the same layer. Told are mean and " +
      "standard deviation of the change over the 20 sets.",
  },
  logitDrop: {
    name: "Logit drop",
    plain:
      "How much of the class’s score is lost without this one group; below zero the group speaks against the class.",
    exact: "The class’s logit as it is less its logit with all neurons of this group, and no other, multiplied by 0.",
  },
  probabilityDrop: {
    name: "Probability drop",
    plain: "How much less sure the network is of the class without this one group, in points of a hundred.",
    exact:
      "100 × (the class’s probability as it is less its probability with all neurons of this group, and no other, " +
      "multiplied by 0).",
  },
  accuracy: {
    name: "Accuracy",
    plain: "For how many images of the class the network says this class.",
    exact:
      "The share of the circuit’s held-out images of the class, with which it was not traced, for which the class’s logit " +
      "is the highest; before, and with the groups’ neurons multiplied by their factors.",
  },
  meanLogit: {
    name: "Mean logit",
    plain: "The network’s raw score of the class, averaged over the held-out images.",
    exact:
      "The mean of the class’s logit over the circuit’s held-out images; before, and with the groups’ neurons multiplied " +
      "by their factors. Each random set is the same for all images.",
  },
  disagreement: {
    name: "Disagreement",
    plain: "How much a group led to the wrong class by firing, or failed the right class by staying silent.",
    exact:
      "The group’s contribution to its circuit’s class, 0 where negative, times percentile / 100 for a group of the wrong " +
      "class that fires; times 1 − percentile / 100 for a group of the right class that does not. Without a percentile: times 1.",
  },
  difference: {
    name: "Difference",
    plain: "How much more, or less, the other image fires the group.",
    exact: "The other image’s percentile less this one’s, from −100 to 100.",
  },
  pixels: {
    name: "Pixels",
    plain: "Which pixels of the place where a group fires most make it fire, and which hold it down.",
    exact:
      "Integrated gradients of the mean over the group’s neurons of φₐ / (|mₐ| + ε) on the crop that fires it most, from " +
      "mean grey to the crop, summed over the colours, and over the pixels of each of at most 64 × 64 places; the sum of " +
      "all places is the activation on the crop less that on mean grey.",
  },
} as const satisfies Record<string, Definition>;

export type Term = keyof typeof DEFINITIONS;
