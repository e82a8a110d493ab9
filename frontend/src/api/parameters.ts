// Written by `make types`: change `neurflow.terms.parameters`, not this file.

export const PARAMETER_RANGES = {
  images: {"kind":"whole","low":1,"high":10000,"initial":"50"},
  top_k: {"kind":"whole","low":2,"high":1000,"initial":"50"},
  tau: {"kind":"whole","low":1,"high":4096,"initial":"16"},
  crops: {"kind":"fractions","low":0.05,"high":1,"initial":"1, 0.5, 0.25","most":6},
  tokens: {"kind":"choice","low":0,"high":0,"initial":"mean"},
  nodes: {"kind":"whole","low":1,"high":64,"initial":"4"},
  max_nodes: {"kind":"whole","low":1,"high":256,"initial":"32"},
  completeness: {"kind":"number","low":1e-9,"high":1,"initial":"0.05"},
  margin: {"kind":"number","low":0,"high":100,"initial":"2"},
  max_semantic_groups: {"kind":"whole","low":1,"high":20,"initial":"5"},
  min_silhouette: {"kind":"number","low":-1,"high":1,"initial":"0.25"},
  max_groups: {"kind":"whole","low":1,"high":100,"initial":"12"},
  exemplars: {"kind":"whole","low":1,"high":100,"initial":"9"},
  held_out: {"kind":"whole","low":0,"high":10000,"initial":"20"},
  seed: {"kind":"whole","low":0,"high":2147483647,"initial":"0"},
} as const;

export const INPUT_SIZE_RANGE = {"low":8,"high":4096} as const;
