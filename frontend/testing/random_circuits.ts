/** Circuits, their opened groups and states as tests need them: by hand, and at random. */

import fc from "fast-check";
import { type Circuit, indexCircuit } from "../src/circuit/model/circuit";
import { partId } from "../src/circuit/model/ids";
import { DEFAULTS } from "../src/circuit/model/state";
import type { EdgeLink, Group, GroupId, Members, Overview, ViewState } from "../src/circuit/types";

export function overviewOf(layers: string[], groups: Partial<Group>[], edges: Overview["edges"]): Overview {
  const made: Pick<Overview, "class" | "layers" | "groups" | "edges"> = {
    class: "cat",
    layers: layers.map((name, position) => ({
      position,
      name,
      channels: 64,
      shape: [64, 8, 8],
      sprite: `/sheet/${position}`,
      tile: 10,
    })),
    groups: groups.map((group) => ({ ...PLAIN, ...group, id: `${group.layer}/${group.number}` })),
    edges,
  };
  return made as Overview;
}

const PLAIN: Group = {
  id: "",
  layer: "",
  number: 1,
  neurons: [0],
  silhouette: null,
  contribution: 0,
  logit_drop: null,
  held_out: 0,
  exemplars: 2,
  picture: null,
};

/** Two groups at `low`, two at `mid`, the class at `top`. */
export function smallCircuit(): Circuit {
  return indexCircuit(
    overviewOf(
      ["low", "mid", "top"],
      [
        { layer: "top", number: 1, contribution: 1, neurons: [3] },
        { layer: "mid", number: 1, contribution: 0.6, neurons: [1, 2] },
        { layer: "mid", number: 2, contribution: -0.2, neurons: [2, 7] },
        { layer: "low", number: 1, contribution: 0.3, neurons: [4] },
        { layer: "low", number: 2, contribution: 0.1, neurons: [5, 6] },
      ],
      [
        { source: "low/1", target: "mid/1", weight: 0.5 },
        { source: "low/2", target: "mid/1", weight: -0.25 },
        { source: "low/2", target: "mid/2", weight: 0.125 },
        { source: "mid/1", target: "top/1", weight: 1 },
        { source: "mid/2", target: "top/1", weight: -0.5 },
      ],
    ),
  );
}

export const stateOf = (change: Partial<ViewState> = {}): ViewState => ({ ...DEFAULTS, ...change });

/** A group opened: one part for each neuron, two for the first; each edge shared evenly among the pairs of parts. */
export function membersOf(circuit: Circuit, id: GroupId, linked = true): Members {
  const group = circuit.groups.get(id);
  if (!group) throw new Error(id);
  const parts = (of: GroupId) =>
    (circuit.groups.get(of)?.neurons ?? []).flatMap((channel, at) =>
      (at === 0 ? [0, 1] : [0]).map((part) => ({ channel, part })),
    );
  const links = [...(circuit.into.get(id) ?? []), ...(circuit.outOf.get(id) ?? [])].flatMap((edge): EdgeLink[] => {
    const pairs = parts(edge.source).flatMap((source) => parts(edge.target).map((target) => ({ source, target })));
    return pairs.map(({ source, target }) => ({
      source_group: edge.source,
      source_channel: source.channel,
      source_part: source.part,
      target_group: edge.target,
      target_channel: target.channel,
      target_part: target.part,
      weight: edge.weight / pairs.length,
    }));
  });
  const neurons = group.neurons.map((channel, at) => ({
    channel,
    activation: 1 + at,
    parts: parts(id)
      .filter((each) => each.channel === channel)
      .map(({ part }) => ({ part, silhouette: null, patches: [] })),
  }));
  return { circuit: "cat", id, layer: group.layer, neurons, links: linked ? links : null };
}

export const partsOf = (members: Members) =>
  members.neurons.flatMap(({ channel, parts }) => parts.map(({ part }) => partId(members.id, channel, part)));

/** Names with all that an id is put together from. */
const anyName = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.constantFrom("a/b", "x>y", "p+q", "n#1.2", "é,\\"),
);

/** Circuits of two to four layers, with edges between neighbours only, and one group in the highest. */
export const anyCircuit: fc.Arbitrary<Circuit> = fc
  .uniqueArray(anyName, { minLength: 2, maxLength: 4 })
  .chain((layers) =>
    fc.tuple(
      fc.constant(layers),
      fc.tuple(...layers.map((_, at) => fc.integer({ min: 1, max: at === layers.length - 1 ? 1 : 5 }))),
      fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
    ),
  )
  .map(([layers, sizes, stream]) => {
    const weight = () => stream.next().value ?? 0;
    const numbers = (at: number) => Array.from({ length: sizes[at] ?? 0 }, (_, i) => i + 1);
    const groups = layers.flatMap((layer, at) =>
      numbers(at).map((number) => ({ layer, number, contribution: weight(), neurons: [number, number + 1] })),
    );
    const edges = layers.slice(1).flatMap((above, at) =>
      numbers(at).flatMap((low) =>
        numbers(at + 1).map((high) => ({
          source: `${layers[at]}/${low}`,
          target: `${above}/${high}`,
          weight: weight(),
        })),
      ),
    );
    return indexCircuit(overviewOf(layers, groups, edges));
  });

const anyNode = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), anyName);

/** Any state that an address can hold, whether a circuit has what it names or not. */
export const anyState: fc.Arbitrary<ViewState> = fc.record({
  select: fc.option(anyNode),
  expand: fc.uniqueArray(anyNode, { maxLength: 3 }),
  merge: fc.array(fc.uniqueArray(anyNode, { minLength: 2, maxLength: 3 }), { maxLength: 2 }),
  influence: fc.integer({ min: 1, max: 100 }),
  sign: fc.constantFrom("both" as const, "positive" as const, "negative" as const),
  hide: fc.uniqueArray(anyName, { maxLength: 2 }),
  weight: fc.integer({ min: 0, max: 100 }),
  search: fc.string({ maxLength: 12 }),
  around: fc.option(
    fc.record({ node: anyNode, direction: fc.constantFrom("up" as const, "down" as const, "both" as const) }),
  ),
  moves: fc.dictionary(
    anyNode,
    fc.record({ x: fc.integer({ min: -9999, max: 9999 }), y: fc.integer({ min: -9999, max: 9999 }) }),
    {
      maxKeys: 3,
      noNullPrototype: true,
    },
  ),
  show: fc.constantFrom("graph" as const, "table" as const),
  inspector: fc.oneof(fc.constant(0), fc.integer({ min: 260, max: 1600 })),
  full: fc.constantFrom(null, "graph" as const, "inspector" as const),
  panel: fc.constantFrom("inspector" as const, "image" as const),
  analysis: fc.option(fc.stringMatching(/^[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,2}$/)),
  note: fc.option(fc.stringMatching(/^note-[a-z0-9]{1,9}$/)),
});
