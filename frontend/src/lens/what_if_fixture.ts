/** What a knock-out finds, for the tests of What if. */

export const CHANGE = {
  index: 0,
  name: "dog",
  logit: 7.25,
  logit_after: 4.5,
  random_logit: -0.2,
  random_logit_spread: 0.1,
  probability: 0.91,
  probability_after: 0.4,
  random_probability: -0.004,
  random_probability_spread: 0.003,
};
export const KNOCKED = {
  neurons: 41,
  classes: [CHANGE, { ...CHANGE, index: 1, name: "<img src=x>", probability: 0.05, probability_after: 0.55 }],
  predicted: "dog",
  predicted_after: "<img src=x>",
  random_sets: 20,
};
export const HELD = {
  class: "cat",
  images: 20,
  neurons: 41,
  accuracy: 0.95,
  accuracy_after: 0.4,
  random_accuracy: -0.01,
  random_accuracy_spread: 0.02,
  logit: 6.5,
  logit_after: 3.25,
  random_logit: -0.2,
  random_logit_spread: 0.1,
  random_sets: 20,
};
