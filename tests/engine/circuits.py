"""A small circuit made by hand: three layers, five neurons, four groups. Every rule of the file format holds in it.

::

    fc/0  ◄── 0.75 ── layer2/1 {1, 3} ◄── layer1/0 {0, 2}
          ◄── −0.25 ─ layer2/0 {1}    ◄──
"""

from __future__ import annotations

import PIL.Image

from neurflow.result.circuit import (
    FORMAT,
    FORMAT_VERSION,
    Box,
    Circuit,
    CoreNeuron,
    DataInfo,
    Edge,
    EdgeLink,
    EdgePatch,
    Exemplar,
    Group,
    HeatMap,
    ImageInfo,
    Importance,
    LayerInfo,
    NetworkInfo,
    Neuron,
    NeuronEdge,
    Patch,
    Report,
    SemanticGroup,
    TargetClass,
    Timing,
)
from neurflow.terms.parameters import TraceParameters

IMAGES = (ImageInfo("cat/0001.png", 64, 48, 0.9), ImageInfo("cat/0002.png", 32, 32, 0.625))
HELD_OUT = tuple(f"cat/1{number:03d}.png" for number in range(20))
PATCHES = (
    Patch(0, Box(8, 0, 56, 48)),
    Patch(0, Box(8, 0, 32, 24)),
    Patch(1, Box(16, 16, 32, 32)),
)


def _exemplar(patch: int, activation: float, heat_map: HeatMap | None = None) -> Exemplar:
    where = PATCHES[patch]
    return Exemplar(patch, IMAGES[where.image].id, where.box, activation, f"patches/{patch:06d}.webp", heat_map)


def _part(
    patches: tuple[int, ...], group: str, *weights: tuple[int, float], silhouette: float | None = None
) -> SemanticGroup:
    return SemanticGroup(patches, silhouette, group, tuple(NeuronEdge(*weight) for weight in weights))


NEURONS = (
    Neuron("layer1", 0, 0.5, (), (_part((0, 2), "layer1/0"),), None, None),
    Neuron("layer1", 2, 1.5, (), (_part((1, 2), "layer1/0"),), None, None),
    Neuron(
        "layer2",
        1,
        0.1 + 0.2,
        (CoreNeuron(0, 0.5), CoreNeuron(2, 0.25)),
        (
            _part((0,), "layer2/0", (0, 0.6), (2, 0.4), silhouette=0.5),
            _part((2,), "layer2/1", (0, -0.5), (2, 0.5), silhouette=0.25),
        ),
        0.01,
        8,
    ),
    Neuron("layer2", 3, 2.0, (CoreNeuron(2, 1 / 3),), (_part((1, 2), "layer2/1", (2, 1.0)),), 0.0, 16),
    Neuron(
        "fc",
        0,
        9.5,
        (CoreNeuron(3, 0.8), CoreNeuron(1, 0.4)),
        (_part((0, 1), "fc/0", (3, 0.75), (1, -0.25)),),
        0.002,
        8,
    ),
)
HEAT_MAP = HeatMap(3, 2, 1.5, (255, 0, 170, 85, 0, 255))
GROUPS = (
    Group(
        "layer1/0",
        "layer1",
        (0, 2),
        (_exemplar(2, 0.75, HEAT_MAP),),
        None,
        Importance(0.5, 0.25, 20),
        (0.5, 1.5),
        (1.25, 0.75),
    ),
    # Like a file of an engine that kept no activations and scores.
    Group("layer2/0", "layer2", (1,), (_exemplar(0, 0.5),), 0.5, Importance(-0.25, -0.125, 20)),
    Group(
        "layer2/1",
        "layer2",
        (1, 3),
        (_exemplar(2, 1.25), _exemplar(1, 1.0)),
        0.25,
        Importance(0.75, 3.5, 20),
        (-0.5, 2.0),
        (0.001, 0.25),
    ),
    Group("fc/0", "fc", (0,), (_exemplar(0, 9.5),), None, Importance(1.0, 9.0, 20), (9.5,), (1.0, 0.875)),
)
EDGES = (
    Edge(
        "layer1/0",
        "layer2/0",
        1.0,
        1.0,
        0.0,
        (EdgeLink(0, 0, 1, 0, 0.6), EdgeLink(2, 0, 1, 0, 0.4)),
        (EdgePatch(0, 1.0),),
    ),
    Edge(
        "layer1/0",
        "layer2/1",
        1.0,
        1.5,
        -0.5,
        (EdgeLink(2, 0, 3, 0, 1.0), EdgeLink(0, 0, 1, 1, -0.5), EdgeLink(2, 0, 1, 1, 0.5)),
        (EdgePatch(2, 0.75), EdgePatch(1, 0.25)),
    ),
    Edge(
        "layer2/0",
        "fc/0",
        -0.25,
        0.0,
        -0.25,
        (EdgeLink(1, 0, 0, 0, -0.25),),
        (EdgePatch(1, -0.5), EdgePatch(0, 0.25)),
    ),
    # Like a file of an engine that kept neither links nor patches.
    Edge("layer2/1", "fc/0", 0.75, 0.75, 0.0),
)
CIRCUIT = Circuit(
    format=FORMAT,
    format_version=FORMAT_VERSION,
    engine_version="0.1.0",
    network=NetworkInfo(
        "demo/photos", f"sha256:{'0a' * 32}", 96, 96, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), ("cat", "dög")
    ),
    data=DataInfo("demo/photos", f"sha256:{'1b' * 32}", HELD_OUT),
    target=TargetClass("cat", 0),
    parameters=TraceParameters(images=2, top_k=2, tau=2, layers=("layer1", "layer2", "fc")),
    layers=(LayerInfo("layer1", 4, (4, 8, 8)), LayerInfo("layer2", 6, (6, 4, 4)), LayerInfo("fc", 2, (2,))),
    images=IMAGES,
    patches=PATCHES,
    neurons=NEURONS,
    groups=GROUPS,
    edges=EDGES,
    report=Report(("cat/broken.png",), ("top_k lowered from 50 to 2",)),
    timings=(Timing("activations", 1.25), Timing("layer fc", 0.5)),
)


def pictures_of(circuit: Circuit) -> dict[str, PIL.Image.Image]:
    """Return a plain picture for each exemplar's file, of the box's size."""
    return {
        exemplar.file: PIL.Image.new(
            "RGB",
            (exemplar.box.right - exemplar.box.left, exemplar.box.bottom - exemplar.box.top),
            (exemplar.patch * 40, 80, 120),
        )
        for group in circuit.groups
        for exemplar in group.exemplars
    }
