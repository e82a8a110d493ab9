"""The circuit: what a trace gives and what is written to disk. Plain frozen data, no behaviour.

References are by readable id (groups), by ``(layer, channel)`` (neurons) or by position in ``images`` and
``patches``. ``docs/file-format.md`` says the same for readers of the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ConfigDict

from neurflow.terms.parameters import TraceParameters

FORMAT = "neurflow-circuit"
FORMAT_VERSION = 1

EDGE_PATCHES = 8  # most patches that an edge tells of
HEAT_MAP_SIDE = 28  # most cells along a side of a heat map

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Box:
    """A rectangle in an image's own pixels, after its EXIF orientation: ``left ≤ x < right``, ``top ≤ y < bottom``."""

    __pydantic_config__ = _STRICT
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class NetworkInfo:
    """Which network, with what weights, and how it wants its input.

    ``digest`` is ``sha256:…`` over its state dict; ``input_size`` and ``resize`` are in pixels; ``mean`` and
    ``std`` are per colour channel of values in [0, 1]. ``classes`` stand in output order.
    """

    __pydantic_config__ = _STRICT
    spec: str
    digest: str
    input_size: int
    resize: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class DataInfo:
    """Which data set. ``digest`` is ``sha256:…`` over the images traced, then those whose ids ``held_out`` keeps."""

    __pydantic_config__ = _STRICT
    spec: str
    digest: str
    held_out: tuple[str, ...] | None = None  # None where an older engine did not keep them
    class_map: dict[str, str] | None = None  # classes of labels that are called otherwise; None where there is none


@dataclass(frozen=True)
class TargetClass:
    """The class whose circuit this is: its name and its place in the network's output."""

    __pydantic_config__ = _STRICT
    name: str
    index: int


@dataclass(frozen=True)
class LayerInfo:
    """One layer: a cut point of the network. ``shape`` is of one sample, without the batch."""

    __pydantic_config__ = _STRICT
    name: str
    channels: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class ImageInfo:
    """An image that was traced: its id within the data set, its size in pixels, the class probability."""

    __pydantic_config__ = _STRICT
    id: str
    width: int
    height: int
    probability: float


@dataclass(frozen=True)
class Patch:
    """A crop that some concept holds: ``image`` is a position in ``images``."""

    __pydantic_config__ = _STRICT
    image: int
    box: Box


@dataclass(frozen=True)
class CoreNeuron:
    """A core concept neuron one layer below, and its score ``T(a, s)`` in units of the upper activation."""

    __pydantic_config__ = _STRICT
    channel: int
    score: float


@dataclass(frozen=True)
class NeuronEdge:
    """The signed weight ``w(V_a^i, s)`` from lower channel ``s`` into a semantic group, in [-1, 1]."""

    __pydantic_config__ = _STRICT
    channel: int
    weight: float


@dataclass(frozen=True)
class SemanticGroup:
    """One part ``V_a^i`` of a neuron's concept.

    ``patches`` are positions in the circuit's ``patches``, highest activation first; ``silhouette`` is the mean
    over the part, ``None`` where the concept was not split; ``group`` is the id of its neuron group; ``weights``
    stand in the order of the neuron's ``core`` and their absolute values sum to one (none in the lowest layer).
    """

    __pydantic_config__ = _STRICT
    patches: tuple[int, ...]
    silhouette: float | None
    group: str
    weights: tuple[NeuronEdge, ...]


@dataclass(frozen=True)
class Neuron:
    """A neuron of the circuit: ``core`` by falling score (empty in the lowest layer).

    ``activation`` is the mean of its activation over its concept; ``completeness`` the relative error of its integral,
    at least 0 (``neurflow.method.core_neurons``), and ``nodes`` those spent on it; both ``None`` in the lowest layer.
    """

    __pydantic_config__ = _STRICT
    layer: str
    channel: int
    activation: float
    core: tuple[CoreNeuron, ...]
    semantic_groups: tuple[SemanticGroup, ...]
    completeness: float | None
    nodes: int | None


@dataclass(frozen=True)
class HeatMap:
    """Where in a patch a group fires: the mean of its neurons' feature maps, negative values as 0.

    ``values`` run row by row, whole numbers from 0 to 255, which stands for ``highest`` in units of the activation.
    """

    __pydantic_config__ = _STRICT
    width: int
    height: int
    highest: float
    values: tuple[int, ...]


@dataclass(frozen=True)
class Exemplar:
    """A patch near the group's centre. ``activation`` is the mean over the group's neurons; ``file`` its picture.

    ``heat_map`` is ``None`` in layers without space, for class tokens, and where an older engine made none.
    """

    __pydantic_config__ = _STRICT
    patch: int
    image: str
    box: Box
    activation: float
    file: str
    heat_map: HeatMap | None = None


@dataclass(frozen=True)
class Importance:
    """How much a group matters for the class.

    ``contribution`` is the signed share of the class logit that flows through the group, in [-1, 1];
    ``logit_drop`` the mean fall of the class logit on ``held_out`` images when the group's neurons are set to
    zero (``None`` where there was no held-out image).
    """

    __pydantic_config__ = _STRICT
    contribution: float
    logit_drop: float | None
    held_out: int


@dataclass(frozen=True)
class Group:
    """A neuron group. ``id`` is ``layer/number``; ``neurons`` are channels of ``layer``, rising.

    ``silhouette`` is the mean over its semantic groups, ``None`` where the layer has one group only. ``activations``
    are of its neurons, each the mean over its own patches in the group; ``image_scores`` of the circuit's images, how
    strongly each fires the group (``neurflow.method.firing``). Both are ``None`` where an older engine left them out.
    """

    __pydantic_config__ = _STRICT
    id: str
    layer: str
    neurons: tuple[int, ...]
    exemplars: tuple[Exemplar, ...]
    silhouette: float | None
    importance: Importance
    activations: tuple[float, ...] | None = None
    image_scores: tuple[float, ...] | None = None


@dataclass(frozen=True)
class EdgeLink:
    """What one semantic group of the lower group gives to one of the upper group.

    A semantic group is told by its neuron's channel and its position in the neuron's ``semantic_groups``.
    """

    __pydantic_config__ = _STRICT
    source_channel: int
    source_part: int
    target_channel: int
    target_part: int
    weight: float


@dataclass(frozen=True)
class EdgePatch:
    """What one of the upper group's patches carries of an edge: ``patch`` is a position in ``patches``."""

    __pydantic_config__ = _STRICT
    patch: int
    weight: float


@dataclass(frozen=True)
class Edge:
    """From group ``source`` up to group ``target`` one layer above: ``weight = positive + negative``.

    ``links`` sum to ``weight``, the positive ones to ``positive``, the negative ones to ``negative``; the heaviest
    come first. ``patches`` are those of the upper group that carry most, at most eight, the heaviest first; all of
    the group's would sum to ``weight``. Both are ``None`` where an older engine did not keep them.
    """

    __pydantic_config__ = _STRICT
    source: str
    target: str
    weight: float
    positive: float
    negative: float
    links: tuple[EdgeLink, ...] | None = None
    patches: tuple[EdgePatch, ...] | None = None


@dataclass(frozen=True)
class Report:
    """What a reader must know: images skipped because they could not be read, and warnings."""

    __pydantic_config__ = _STRICT
    skipped_images: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Timing:
    """Seconds that a stage took, wall clock."""

    __pydantic_config__ = _STRICT
    stage: str
    seconds: float


@dataclass(frozen=True)
class Circuit:
    """A class's hierarchical circuit. ``layers`` run from low to high; the last one gives the logits."""

    __pydantic_config__ = _STRICT
    format: str
    format_version: int
    engine_version: str
    network: NetworkInfo
    data: DataInfo
    target: TargetClass
    parameters: TraceParameters
    layers: tuple[LayerInfo, ...]
    images: tuple[ImageInfo, ...]
    patches: tuple[Patch, ...]
    neurons: tuple[Neuron, ...]
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    report: Report
    timings: tuple[Timing, ...]
