"""Cut points: found in every network, named like the network's modules, with the right channel axis."""

from __future__ import annotations

from collections import OrderedDict

import pytest
import torch
from torch import Tensor, fx, nn

from neurflow.network.capture import Captured
from neurflow.network.graph import NetworkGraph, _cuts
from neurflow.terms.errors import LayerError, NotTraceable
from tests.engine.networks import CLASSES, FAMILIES, OWN, Chain, Lambda, fill, prepared

# Name of a layer: channels, axis of the channels in the batched tensor, rank of the batched tensor.
# By the papers' tables and torchvision's own builders.
FACTS = {
    "resnet18": {"conv1": (64, 1, 4), "layer2.1": (128, 1, 4), "layer4.1": (512, 1, 4), "fc": (10, 1, 2)},
    "googlenet": {"conv3": (192, 1, 4), "inception4a": (512, 1, 4), "inception4e": (832, 1, 4), "fc": (10, 1, 2)},
    "inception_v3": {"Conv2d_2b_3x3": (64, 1, 4), "Mixed_5d": (288, 1, 4), "Mixed_7c": (2048, 1, 4)},
    "vgg11": {"features.0": (64, 1, 4), "features.19": (512, 1, 4), "classifier.1": (32, 1, 2)},
    "alexnet": {"features.1": (64, 1, 4), "features.6": (384, 1, 4), "features.11": (256, 1, 4)},
    "squeezenet1_1": {"features.4": (128, 1, 4), "features.12": (512, 1, 4), "output": (10, 1, 2)},
    "mobilenet_v3_small": {"features.0": (16, 1, 4), "features.8": (48, 1, 4), "features.12": (576, 1, 4)},
    "efficientnet_b0": {"features.1.0": (16, 1, 4), "features.4.2": (80, 1, 4), "features.8": (1280, 1, 4)},
    "convnext_tiny": {"features.0": (96, 1, 4), "features.5.4": (384, 1, 4), "features.7.2": (768, 1, 4)},
    "densenet121": {"features.transition2": (256, 1, 4), "features.denseblock3": (1024, 1, 4)},
    "regnet_y_400mf": {"stem": (32, 1, 4), "trunk_output.block2": (104, 1, 4), "trunk_output.block4": (440, 1, 4)},
    "vit": {"conv_proj": (48, 1, 4), "encoder.layers.encoder_layer_0": (48, 2, 3), "encoder": (48, 2, 3)},
    "swin_t": {"features.0.0": (96, 1, 4), "features.1.0": (96, 3, 4), "features.6": (768, 3, 4), "norm": (768, 3, 4)},
}
CONVOLUTIONAL = [name for name in FAMILIES if name not in ("vit", "swin_t")]


@pytest.mark.parametrize("name", FAMILIES)
def test_layers_have_the_channels_of_their_family(name: str) -> None:
    graph = prepared(name).graph
    for layer, (channels, axis, rank) in FACTS[name].items():
        point = graph.find(layer)
        assert (point.channels, point.channel_axis, len(point.shape) + 1) == (channels, axis, rank), layer


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_in_a_convolutional_network_channels_come_first_everywhere(name: str) -> None:
    assert {point.channel_axis for point in prepared(name).graph.cut_points} == {1}


def test_in_swin_channels_come_last_but_for_the_first_convolution_and_the_last_pooling() -> None:
    points = [point for point in prepared("swin_t").graph.cut_points if len(point.shape) == 3]
    first = [point.name for point in points if point.channel_axis == 1]
    assert first == ["features.0.0", "permute", "avgpool"]
    assert {point.channel_axis for point in points} == {1, 3}


@pytest.mark.parametrize("name", [*FAMILIES, *OWN])
def test_each_name_is_a_module_of_the_network_and_none_is_given_twice(name: str) -> None:
    net = prepared(name)
    names = [known_as for point in net.graph.cut_points for known_as in (point.name, *point.aliases)]
    assert len(set(names)) == len(names)
    for known_as in names:
        if known_as != "output":
            assert isinstance(net.network.get_submodule(known_as), nn.Module)
    for point in net.graph.cut_points:
        assert tuple(net.seen[point.name].shape[1:]) == point.shape


@pytest.mark.parametrize("name", [*FAMILIES, *OWN])
def test_the_last_cut_point_gives_the_logits(name: str) -> None:
    net = prepared(name)
    last = net.graph.cut_points[-1]
    assert last.node is net.graph.captured.result
    assert last.shape == (CLASSES,)


def _reaches_result_without(captured: Captured, without: fx.Node) -> bool:
    """Return whether something flows from the image to the logits past ``without``."""
    if without is captured.result:
        return False
    seen, queue = {captured.source}, [captured.source]
    while queue:
        for user in queue.pop().users:
            if user in captured.dependent and user is not without and user not in seen:
                seen.add(user)
                queue.append(user)
    return captured.result in seen


@pytest.mark.parametrize("name", ["resnet18", "vit", *OWN])
def test_nothing_flows_past_a_cut(name: str) -> None:
    captured = prepared(name).graph.captured
    nodes = captured.dependent - {captured.source}
    assert set(_cuts(captured)) == {node for node in nodes if not _reaches_result_without(captured, node)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("residual_mlp", "embed blocks.0 blocks.1 blocks.2 head"),
        ("functional", "low high output"),
        ("called_twice", "stem once fc"),
        ("tied_weights", "one two fc"),
        ("in_place", "one.0 one.1 two.0 two.1 fc"),
        ("norms", "plain.0 plain.1 usual.0 usual.1 usual.2 before.0 before.1 before.2 conv fc.0 fc.1 fc.2 fc.3"),
        ("copies", "one.0 one.1 two.0 two.1 fc"),
        ("gated", "stem chunked split unbound fc"),
        ("nested", "0.0.0.0.0 0.0.0.0.1.0 0.1.0.0.0 0.1.0.0.1.0 1.0 1.1.0"),
    ],
)
def test_all_modules_that_end_at_a_cut_are_found(name: str, expected: str) -> None:
    assert " ".join(point.name for point in prepared(name).graph.cut_points) == expected


def test_a_block_that_ends_in_a_block_has_the_outer_name_unless_that_is_a_container() -> None:
    graph = prepared("convnext_tiny").graph
    assert graph.find("features.0.1").name == "features.0"  # Conv2dNormActivation, more than a plain Sequential
    assert graph.find("features.1").name == "features.1.2"
    assert prepared("resnet18").graph.find("layer1").name == "layer1.1"
    assert graph.find("features.1").kind == "block"


def test_containers_inside_containers_are_aliases_of_what_they_hold() -> None:
    point = prepared("nested").graph.find("0")
    assert point.name == "0.1.0.0.1.0"
    assert point.aliases == ("0", "0.1", "0.1.0", "0.1.0.0", "0.1.0.0.1")


def test_a_network_of_functions_is_cut_at_its_modules() -> None:
    points = prepared("functional").graph.cut_points
    assert [(point.name, point.kind) for point in points] == [
        ("low", "module"),
        ("high", "module"),
        ("output", "module"),
    ]


def test_a_block_whose_output_is_copied_outside_keeps_its_name() -> None:
    graph = prepared("copies").graph
    assert graph.find("one").node is graph.find("one.1").node
    assert graph.find("one").node is not graph.find("one.0").node
    assert graph.find("two").name == "two.1"


def test_kinds_tell_blocks_nonlinearities_and_the_rest() -> None:
    graph = prepared("resnet18").graph
    kinds = {point.name: point.kind for point in graph.cut_points}
    assert kinds["conv1"] == "module" and kinds["relu"] == "activation" and kinds["layer1.0"] == "block"
    assert kinds["fc"] == "module"


def test_densenet_is_cut_at_its_transitions_and_nowhere_inside_its_blocks() -> None:
    names = [point.name for point in prepared("densenet121").graph.cut_points]
    assert {f"features.transition{i}" for i in (1, 2, 3)} <= set(names)
    assert not any(name.startswith("features.denseblock1.") for name in names)


@pytest.mark.parametrize(
    ("body", "axis"),
    [
        pytest.param(nn.ReLU(), 1, id="conv then relu"),
        pytest.param(Lambda(lambda x: x.permute(0, 2, 3, 1)), 3, id="permuted"),
        pytest.param(nn.Sequential(Lambda(lambda x: x.permute(0, 2, 3, 1)), nn.LayerNorm(4)), 3, id="layer norm"),
        pytest.param(Lambda(lambda x: x.transpose(1, 3)), 3, id="transposed"),
        pytest.param(nn.Sequential(Lambda(lambda x: x.flatten(2).transpose(1, 2)), nn.Linear(4, 6)), 2, id="tokens"),
        pytest.param(nn.Sequential(Lambda(lambda x: x.flatten(2)), nn.Conv1d(4, 6, 1)), 1, id="sequence"),
    ],
)
def test_the_channel_axis_is_the_one_that_the_network_treats_as_channels(body: nn.Module, axis: int) -> None:
    graph = NetworkGraph(fill(Chain(body), 0), 4)
    assert graph.find("body").channel_axis == axis


def test_a_network_without_a_cut_point_is_refused() -> None:
    class Skipping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Linear(48, 48), nn.Linear(48, CLASSES)

        def forward(self, x: Tensor) -> Tensor:
            x = x.flatten(1)
            logits: Tensor = self.two(self.one(x) + x) + x[:, :CLASSES]
            return logits

    message = "the network Skipping has no cut point before its logits: no module's output alone feeds everything after"
    with pytest.raises(NotTraceable, match=message):
        NetworkGraph(Skipping().eval(), 4)


def test_a_network_of_functions_alone_is_refused() -> None:
    class Alone(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.empty(CLASSES, 3, 3, 3))

        def forward(self, x: Tensor) -> Tensor:
            return torch.conv2d(x, self.weight).relu().mean((2, 3))

    with pytest.raises(NotTraceable, match="the network Alone has no cut point"):
        NetworkGraph(fill(Alone(), 0), 8)


def test_a_layer_is_found_by_name_and_by_alias() -> None:
    graph = prepared("resnet18").graph
    assert graph.find("layer1.1") is graph.find("layer1")


def test_an_unknown_layer_lists_those_of_the_same_part_of_the_network() -> None:
    graph = prepared("resnet18").graph
    with pytest.raises(LayerError) as raised:
        graph.find("layer3.7")
    assert str(raised.value) == (
        "layer 'layer3.7' is not a cut point of the network: "
        "choose from layer3.0, layer3.1 (`neurflow layers` lists all)"
    )


def test_an_unknown_layer_of_an_unknown_part_lists_the_first_dozen() -> None:
    graph = prepared("densenet121").graph
    with pytest.raises(LayerError) as raised:
        graph.find("layer9")
    listed = str(raised.value).split("choose from ")[1].removesuffix(" (`neurflow layers` lists all)").split(", ")
    assert listed == [point.name for point in graph.cut_points[:12]]


def test_the_order_of_cut_points_is_the_order_of_execution() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Linear(4, CLASSES)
            self.middle = nn.Sequential(OrderedDict(b=nn.Conv2d(4, 4, 1), a=nn.ReLU()))
            self.first = nn.Conv2d(3, 4, 1)

        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.last(self.middle(self.first(x)).mean((2, 3)))
            return logits

    graph = NetworkGraph(fill(Backwards(), 0), 4)
    assert [point.name for point in graph.cut_points] == ["first", "middle.b", "middle.a", "last"]
