/** Networks, data sets and evaluations for the tests of the library. */

import type { Schemas } from "../src/api/client";
import type { Dataset, Network } from "../src/library/registry";

const DONE = {
  id: "job-1",
  stage: "graph",
  fraction: 1,
  remaining_seconds: null,
  cancel_requested: false,
  problem: null,
};

export function exampleNetwork(change: Partial<Network> = {}): Network {
  return {
    id: "resnet-4tqw1",
    name: "ResNet",
    spec: "torchvision/resnet18",
    uploaded: false,
    state: "succeeded",
    digest: `sha256:${"0f".repeat(32)}`,
    parameter_count: 11_689_512,
    input_size: 224,
    created_at: "2026-01-01T12:00:00Z",
    visibility: "team",
    owner: null,
    space: null,
    may_change: true,
    job: DONE,
    resize: 256,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    classes: ["cat", "dog"],
    layers: [
      { name: "conv1", kind: "module", channels: 64, shape: [64, 112, 112], default: false },
      { name: "layer1", kind: "block", channels: 64, shape: [64, 56, 56], default: true },
      { name: "fc", kind: "module", channels: 2, shape: [2], default: true },
    ],
    wider_circuits: 0,
    ...change,
  };
}

export function exampleDataset(change: Partial<Dataset> = {}): Dataset {
  return {
    id: "photos-2m9x4",
    name: "Photos",
    spec: "demo/photos",
    uploaded: false,
    state: "succeeded",
    digest: `sha256:${"ab".repeat(32)}`,
    image_count: 150,
    created_at: "2026-01-01T12:00:00Z",
    visibility: "team",
    owner: null,
    space: null,
    may_change: true,
    job: DONE,
    classes: [
      { name: "cat", train: 80, test: 20, images: 100 },
      { name: "dog", train: 40, test: 10, images: 50 },
    ],
    left_out: [],
    class_map: {},
    wider_circuits: 0,
    ...change,
  };
}

export function exampleEvaluation(change: Partial<Schemas["EvaluationCard"]> = {}): Schemas["EvaluationCard"] {
  return {
    id: "resnet-on-photos-1",
    network: { id: "resnet-4tqw1", name: "ResNet" },
    dataset: { id: "photos-2m9x4", name: "Photos" },
    state: "succeeded",
    accuracy: 0.934,
    images: 150,
    current: true,
    created_at: "2026-01-01T12:00:00Z",
    job: DONE,
    ...change,
  };
}

export function exampleImage(change: Partial<Schemas["DatasetImageOut"]> = {}): Schemas["DatasetImageOut"] {
  return {
    position: 3,
    name: "cat/0003.png",
    label: "cat",
    split: "test",
    width: 224,
    height: 200,
    thumbnail: "/api/v1/datasets/photos-2m9x4/images/3?v=aa",
    prediction: { predicted: "dog", probability: 0.61, right: false, truth_probability: 0.33 },
    ...change,
  };
}
