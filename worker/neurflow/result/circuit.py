"""The circuit: the result of a trace, as it is written to disk. Plain frozen data without behaviour.

References are by readable id (groups), by ``(layer, channel)`` (neurons) or by position in ``images`` and
``patches``. ``docs/file-format.md`` describes the same for readers of the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ConfigDict

from neurflow.terms.parameters import TraceParameters

FORMAT = "neurflow-circuit"
FORMAT_VERSION = 1

EDGE_PATCHES = 8  # maximum number of patches of an edge
HEAT_MAP_SIDE = 28  # maximum number of cells along a side of a heat map

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
    """The network, its weights and its preprocessing.

    ``digest`` is ``sha256:…`` over its state dict. ``input_size`` and ``resize`` are in pixels; ``mean`` and ``std``
    have one value per colour channel, for pixel values in [0, 1]. ``classes`` are in output order.
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
    """The data set. ``digest`` is ``sha256:…`` over the traced, then the images whose ids are in ``held_out``."""

    __pydantic_config__ = _STRICT
    spec: str
    digest: str
    held_out: tuple[str, ...] | None = None  # None if an older engine did not save them
    class_map: dict[str, str] | None = None  # classes of labels that have other names; None if there are none


@dataclass(frozen=True)
class TargetClass:
    """The class of the circuit: its name and its index in the network's output."""

    __pydantic_config__ = _STRICT
    name: str
    index: int


@dataclass(frozen=True)
class LayerInfo:
    """A layer: a cut point of the network. ``shape`` is the shape of one sample, without the batch."""

    __pydantic_config__ = _STRICT
    name: str
    channels: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class ImageInfo:
    """A traced image: its id in the data set, its size in pixels and the probability of the class."""

    __pydantic_config__ = _STRICT
    id: str
    width: int
    height: int
    probability: float


@dataclass(frozen=True)
class Patch:
    """A crop in the concept of at least one neuron: ``image`` is a position in ``images``."""

    __pydantic_config__ = _STRICT
    image: int
    box: Box


@dataclass(frozen=True)
class CoreNeuron:
    """A core neuron one layer below, with its score ``T(a, s)`` in units of the upper activation."""

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
    """A part ``V_a^i`` of a neuron's concept.

    ``patches`` are positions in the circuit's ``patches``, highest activation first. ``silhouette`` is the mean over
    the part, ``None`` if the concept is not split. ``group`` is the id of its neuron group. ``weights`` are in the
    order of the neuron's ``core``, and their absolute values sum to one (empty in the lowest layer).
    """

    __pydantic_config__ = _STRICT
    patches: tuple[int, ...]
    silhouette: float | None
    group: str
    weights: tuple[NeuronEdge, ...]


@dataclass(frozen=True)
class Neuron:
    """A neuron of the circuit, with its ``core`` by descending score (empty in the lowest layer).

    ``activation`` is the mean over its concept, ``completeness`` the relative error of its integral, at least 0
    (``neurflow.method.core_neurons``), ``nodes`` its integration nodes; both are ``None`` in the lowest layer.
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

    ``values`` are in row order, whole numbers from 0 to 255; 255 stands for ``highest`` in units of the activation.
    """

    __pydantic_config__ = _STRICT
    width: int
    height: int
    highest: float
    values: tuple[int, ...]


@dataclass(frozen=True)
class Exemplar:
    """A patch near the group's centre. ``activation`` is the mean over the group's neurons; ``file`` its picture.

    ``heat_map`` is ``None`` in layers without spatial dimensions, for class tokens, and if an older engine made none.
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

    ``contribution`` is the signed share of the class logit that flows through the group, in [-1, 1]. ``logit_drop`` is
    the mean drop of the class logit on ``held_out`` images when the group's neurons are set to zero, ``None`` without
    held-out images.
    """

    __pydantic_config__ = _STRICT
    contribution: float
    logit_drop: float | None
    held_out: int


@dataclass(frozen=True)
class Group:
    """A neuron group. ``id`` is ``layer/number``; ``neurons`` are channels of ``layer``, ascending.

    ``silhouette`` is the mean over its semantic groups, ``None`` if the layer has only one group. ``activations`` holds
    for each neuron the mean over its own patches in the group; ``image_scores`` how strongly each of the circuit's
    images fires the group (``neurflow.method.firing``). Both are ``None`` if an older engine did not save them.
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
    """The weight from one semantic group of the lower group to one of the upper group.

    A semantic group is identified by its neuron's channel and its position in the neuron's ``semantic_groups``.
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
    """An edge from group ``source`` to group ``target`` one layer above: ``weight = positive + negative``.

    ``links`` sum to ``weight``, positive ones to ``positive`` and negative ones to ``negative``. ``patches`` are the up
    to eight patches of the upper group that carry the most; all of them together would sum to ``weight``. Both are
    ordered by descending absolute weight, and ``None`` if an older engine did not save them.
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
    """What readers should know: images skipped because they could not be read, and warnings."""

    __pydantic_config__ = _STRICT
    skipped_images: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Timing:
    """The wall-clock time of a stage in seconds."""

    __pydantic_config__ = _STRICT
    stage: str
    seconds: float


@dataclass(frozen=True)
class Circuit:
    """The hierarchical circuit of a class. ``layers`` run from low to high; the last one is the logits."""

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
