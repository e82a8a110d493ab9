/** Circuits and jobs for the tests of the gallery. */

import type { CardData } from "../src/gallery/circuit_card";
import type { Job } from "../src/jobs/watch_jobs";

/** A computed circuit; `change` says what is other. */
export function exampleCard(change: Partial<CardData> = {}): CardData {
  const id = change.id ?? "cat-7k2m9";
  return {
    id,
    name: "cat",
    class: "cat",
    network: { id: "resnet-4tqw1", name: "ResNet" },
    dataset: { id: "photos-2m9x4", name: "Photos" },
    state: "succeeded",
    created_at: "2026-01-01T12:00:00Z",
    computed_at: "2026-01-01T12:05:00Z",
    counts: { layers: 5, groups: 41, edges: 260, neurons: 190 },
    cover: ["/api/v1/circuits/cat-7k2m9/files/aa", "/api/v1/circuits/cat-7k2m9/files/bb"],
    visibility: "team",
    owner: null,
    space: null,
    may_change: true,
    narrower: [],
    job: {
      id: `job-${id}`,
      stage: "saving",
      fraction: 1,
      remaining_seconds: null,
      cancel_requested: false,
      problem: null,
    },
    ...change,
  };
}

/** A running job of the circuit `subject`. */
export function exampleJob(change: Partial<Job> = {}): Job {
  const subject = change.subject ?? "cat-7k2m9";
  return {
    id: `job-${subject}`,
    kind: "trace",
    queue: "circuits",
    subject,
    state: "running",
    cancel_requested: false,
    attempts: 1,
    stage: "layer layer3.1",
    done: 12,
    total: 32,
    fraction: 0.46,
    remaining_seconds: 120,
    stages: [],
    problem: null,
    created_at: "2026-01-01T12:00:00Z",
    started_at: "2026-01-01T12:00:01Z",
    finished_at: null,
    version: 17,
    ...change,
  };
}
