/** A small circuit for the tests of the inspector and of the exports, and an API that answers for it. */

import type { Figures } from "../src/circuit/group_figures";
import { vi } from "vitest";
import { Answers } from "../src/circuit/answers";
import type { Context } from "../src/circuit/inspector_widget";
import { PatchLook } from "../src/circuit/patch_look";
import { Scene } from "../src/circuit/scene";
import type { Overview, ViewEdge, ViewGraph, ViewNode } from "../src/circuit/types";

const BOX = { left: 10, top: 20, right: 60, bottom: 70 };
const IMAGE = { position: 0, name: "cat/<b>0</b>.png", width: 100, height: 200, picture: "/image" };
export const PATCH = { position: 4, box: BOX, image: IMAGE, picture: "/patch" };
export const HEAT = { width: 2, height: 2, values: [0, 64, 128, 255], highest: 2 };
export const EXEMPLAR = { rank: 0, patch: 4, picture: "/p", activation: 1.5, box: BOX, image: IMAGE, heat_map: HEAT };

/** Of a group of which everything was measured. */
const FIGURES: Figures = { silhouette: 0.6, contribution: 0.7, logit_drop: 1.7, held_out: 20 };

const group = (layer: string, number: number, contribution: number, neurons: number[]) => ({
  id: `${layer}/${number}`,
  layer,
  number,
  neurons,
  ...FIGURES,
  contribution,
  exemplars: 2,
  picture: `/pic/${layer}/${number}`,
});

export const OVERVIEW = {
  id: "cat-7k2m9",
  name: "cat <script>alert(1)</script>",
  class: "cat & <i>co</i>",
  network: { id: "n", name: "ResNet" },
  dataset: { id: "d", name: "Photos" },
  state: "succeeded",
  created_at: "2026-01-01T12:00:00Z",
  computed_at: "2026-01-01T12:01:00Z",
  counts: null,
  cover: [],
  visibility: "private",
  owner: null,
  space: null,
  may_change: true,
  narrower: [],
  job: { id: "j", stage: null, fraction: 1, remaining_seconds: null, cancel_requested: false, problem: null },
  parameters: { images: 30 },
  engine_version: "0.1.0",
  result: {
    network: { spec: "demo/photos", digest: "sha256:aa", input_size: 96, resize: 96, mean: [0], std: [1] },
    data: { spec: "demo/photos", digest: "sha256:bb" },
    target: { name: "cat", index: 1 },
    parameters: { images: 30, crops: [1, 0.5], layers: null },
    report: { skipped_images: [], warnings: ["beware of <em>this</em>"] },
    timings: [],
  },
  layers: [
    { position: 0, name: "low", channels: 8, shape: [8, 4, 4], sprite: "/sheet/low", tile: 64 },
    { position: 1, name: "mid/x", channels: 8, shape: [8, 2, 2], sprite: "/sheet/mid", tile: 64 },
    { position: 2, name: "fc", channels: 3, shape: [3], sprite: null, tile: null },
  ],
  groups: [
    group("low", 1, 0.4, [0, 1]),
    group("low", 2, -0.1, [2]),
    group("mid/x", 1, 0.7, [3, 4]),
    group("mid/x", 2, 0.2, [5]),
    group("fc", 1, 1, [1]),
  ],
  edges: [
    { source: "low/1", target: "mid/x/1", weight: 0.8 },
    { source: "low/2", target: "mid/x/1", weight: -0.3 },
    { source: "low/1", target: "mid/x/2", weight: 0.1 },
    { source: "mid/x/1", target: "fc/1", weight: 1.2 },
    { source: "mid/x/2", target: "fc/1", weight: 0.4 },
  ],
} satisfies Overview as Overview;

const node = (id: string, kind: ViewNode["kind"], layer: number, change: Partial<ViewNode> = {}): ViewNode => {
  const own = OVERVIEW.groups.find((found) => found.id === id);
  return {
    id,
    kind,
    layer,
    parent: null,
    label: String(own?.number ?? id),
    members: [id],
    neurons: [...(own?.neurons ?? [])],
    contribution: own?.contribution ?? null,
    size: 0.5,
    tiles: [{ sheet: "/sheet", x: 64, y: 0, side: 64 }],
    pictures: [],
    expanded: false,
    ...change,
  };
};

const edge = (source: string, target: string, weight: number): ViewEdge => ({
  id: `${source}>${target}`,
  source,
  target,
  weight,
  size: Math.abs(weight),
});

/** `mid/x/1` open into two parts; `low/1` and `low/2` merged. */
export const VIEW: ViewGraph = {
  layers: OVERVIEW.layers.map((layer) => ({ ...layer, groups: 2, shown: 2 })),
  nodes: [
    node("low/1+low/2", "super", 0, { label: "1 + 2", members: ["low/1", "low/2"], contribution: 0.3 }),
    node("mid/x/1", "group", 1, { expanded: true, label: "1" }),
    node("mid/x/1#3.0", "part", 1, {
      parent: "mid/x/1",
      label: "neuron 3",
      members: ["mid/x/1"],
      neurons: [3],
      tiles: [],
      pictures: ["/patch/1", "/patch/2"],
    }),
    node("mid/x/2", "group", 1, { label: "Eyes <u>" }),
    node("fc/1", "class", 2, { label: "class cat & <i>co</i>" }),
  ],
  edges: [
    edge("low/1+low/2", "mid/x/1#3.0", 0.5),
    edge("low/1+low/2", "mid/x/2", 0.1),
    edge("mid/x/1#3.0", "fc/1", -0.2),
    edge("mid/x/2", "fc/1", 0.4),
  ],
  hiddenGroups: 1,
  hiddenEdges: 2,
};

/** The circuit as it is without anything opened or merged. */
export const PLAIN: ViewGraph = {
  ...VIEW,
  nodes: OVERVIEW.groups.map((own) => node(own.id, own.layer === "fc" ? "class" : "group", 0)),
  edges: OVERVIEW.edges.map(({ source, target, weight }) => edge(source, target, weight)),
};

const link = (target_channel: number, target_part: number, weight: number) => ({
  source_group: "low/1",
  source_channel: 0,
  source_part: 0,
  target_group: "mid/x/1",
  target_channel,
  target_part,
  weight,
});
export const LINKS = [link(3, 0, 0.7), link(3, 0, -0.2), link(4, 1, 0.3)];

/** What the API answers, by the end of the path; a test may change an entry. */
export function answersOf(): Record<string, unknown> {
  const end = (name: string, weight: number) => ({ group: name, weight, positive: weight, negative: 0, picture: "/e" });
  return {
    "/groups/mid%2Fx/1": {
      circuit: "cat-7k2m9",
      id: "mid/x/1",
      layer: "mid/x",
      number: 1,
      ...FIGURES,
      exemplars: 2,
      neurons: [{ channel: 3, activation: 1.2, completeness: 0.01, nodes: 8 }],
      in_positive: [end("low/1", 0.8)],
      in_negative: [{ ...end("low/2", -0.3), positive: 0.1, negative: -0.4 }],
      out_positive: [end("fc/1", 1.2)],
      out_negative: [],
    },
    "/exemplars": { items: [EXEMPLAR, { ...EXEMPLAR, rank: 1, patch: 5 }], next: null },
    "/members": {
      circuit: "cat-7k2m9",
      id: "mid/x/1",
      layer: "mid/x",
      neurons: [
        { channel: 3, activation: 1.2, parts: [{ part: 0, silhouette: 0.4, patches: [PATCH] }] },
        { channel: 4, activation: 2.2, parts: [{ part: 1, silhouette: null, patches: [PATCH, PATCH] }] },
      ],
      links: LINKS,
    },
    "/neurons/mid%2Fx/3": {
      circuit: "cat-7k2m9",
      layer: "mid/x",
      channel: 3,
      activation: 1.2,
      completeness: 0.01,
      nodes: 8,
      below: "low",
      core: [
        { channel: 0, score: 0.8 },
        { channel: 2, score: 0.2 },
      ],
      semantic_groups: [
        { part: 0, group: "mid/x/1", silhouette: 0.4, patches: [], weights: [{ channel: 0, weight: 0.6 }] },
      ],
    },
    "/edges/detail": {
      source: "low/1",
      target: "mid/x/1",
      weight: 0.8,
      positive: 1,
      negative: -0.2,
      links: LINKS,
      patches: [{ ...PATCH, weight: -0.05 }],
    },
    "/images": {
      items: [
        { ...IMAGE, probability: 0.97 },
        { ...IMAGE, position: 1, probability: 0.8 },
      ],
      next: null,
    },
  };
}

/** Puts an API in the place of the network; gives the paths that were asked for. A number answers as that failure. */
export function stubApi(answers: Record<string, unknown> = answersOf()): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url, "http://here");
    asked.push(pathname);
    if (request.signal.aborted) throw new DOMException("given up", "AbortError");
    const found = Object.entries(answers).find(([end]) => pathname.endsWith(end))?.[1];
    const failed = typeof found === "number" ? found : found === undefined ? 404 : 200;
    const body = failed === 200 ? found : { title: "It failed", detail: `No ${pathname}` };
    return new Response(JSON.stringify(body), {
      status: failed,
      headers: { "Content-Type": failed === 200 ? "application/json" : "application/problem+json" },
    });
  });
  return asked;
}

/** What a part of the inspector is given. */
export function contextOf(view: ViewGraph = PLAIN): Context & { stop: AbortController } {
  const stop = new AbortController();
  const scene = new Scene(view, OVERVIEW);
  return { scene, answers: new Answers(OVERVIEW.id), look: new PatchLook(), signal: stop.signal, stop };
}

/** Until answers have come and what they lead to is built. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
