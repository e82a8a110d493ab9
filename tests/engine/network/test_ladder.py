"""The default ladder, and ladders chosen by the caller."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from neurflow.network.ladder import LADDER_SIZE, choose_layers, default_ladder
from neurflow.terms.errors import LayerError
from tests.engine.networks import FAMILIES, OWN, prepared

PINNED = {
    "resnet18": "layer1.0 layer1.1 layer2.0 layer2.1 layer3.0 layer3.1 layer4.0 layer4.1 fc",
    "vgg11": "features.1 features.4 features.9 features.14 features.17 features.19 classifier.1 classifier.4 "
    "classifier.6",
    "densenet121": "features.denseblock1 features.transition1 features.denseblock2 features.transition2 "
    "features.denseblock3 features.transition3 features.denseblock4 classifier",
    "swin_t": "features.1.1 features.3.1 features.5.0 features.5.2 features.5.5 features.6 features.7.0 features.7.1 "
    "head",
    "residual_mlp": "blocks.0 blocks.1 blocks.2 head",
    "functional": "low high output",
}
SCALES = {"resnet18": 4, "mobilenet_v3_small": 5, "efficientnet_b0": 5, "convnext_tiny": 4, "swin_t": 4}


@pytest.mark.parametrize("name", PINNED)
def test_the_default_ladder_is_the_known_one(name: str) -> None:
    assert " ".join(point.name for point in prepared(name).ladder) == PINNED[name]


@pytest.mark.parametrize("name", FAMILIES)
def test_the_default_ladder_has_about_eight_layers_and_ends_in_the_logits(name: str) -> None:
    net = prepared(name)
    assert 7 <= len(net.ladder) <= LADDER_SIZE
    assert net.ladder[-1].node is net.graph.captured.result
    positions = [net.graph.cut_points.index(point) for point in net.ladder]
    assert positions == sorted(set(positions))


@pytest.mark.parametrize("name", SCALES)
def test_the_default_ladder_holds_a_layer_of_each_resolution(name: str) -> None:
    net = prepared(name)
    sides = {max(point.shape[:2]) if point.channel_axis == 3 else point.shape[-1] for point in net.ladder[:-1]}
    assert len(sides) == SCALES[name]


@pytest.mark.parametrize("size", range(2, 12))
def test_a_ladder_of_another_size_keeps_the_last_block_and_the_logits(size: int) -> None:
    net = prepared("vit")
    names = [point.name for point in default_ladder(net.graph, size)]
    assert len(names) == size
    assert names[-2:] == ["encoder.layers.encoder_layer_9", "heads.head"]


def test_a_ladder_has_no_more_layers_than_there_are() -> None:
    net = prepared("residual_mlp")
    assert [point.name for point in default_ladder(net.graph, 50)][-1] == "head"
    assert len(default_ladder(net.graph, 50)) == 4


@pytest.mark.parametrize("name", OWN)
def test_each_of_our_own_networks_has_a_ladder(name: str) -> None:
    net = prepared(name)
    assert len(net.ladder) >= 2 and net.ladder[-1] is net.graph.cut_points[-1]


def _chosen(names: Sequence[str] | None) -> list[str]:
    return [point.name for point in choose_layers(prepared("resnet18").graph, names)]


def test_without_names_the_default_is_chosen() -> None:
    assert " ".join(_chosen(None)) == PINNED["resnet18"]


@pytest.mark.parametrize("names", [["layer2.1", "layer4.1"], ["layer2.1", "layer4.1", "fc"], ["layer2", "layer4"]])
def test_named_layers_are_accepted_with_or_without_the_logits_and_by_alias(names: list[str]) -> None:
    assert _chosen(names) == ["layer2.1", "layer4.1", "fc"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["layer4.1", "layer2.1"], "layer 'layer2.1' is below the layer listed before it: list layers from low"),
        (["fc", "layer2.1"], "layer 'layer2.1' is below the layer listed before it"),
        (["layer2.1", "layer2.1"], "layer 'layer2.1' is the same as the layer before it"),
        (["layer2.1", "layer2"], "layer 'layer2' is the same as the layer before it"),
        (["layer2.1", "fc", "fc"], "layer 'fc' is the same as the layer before it"),
        (["fc"], "no layer is given below the logits 'fc': name at least one lower layer"),
        ([], "no layer is given below the logits 'fc'"),
        (["layer2.9"], "layer 'layer2.9' is not a cut point of the network: choose from layer2.0, layer2.1"),
        (["layer2.0.conv1"], "layer 'layer2.0.conv1' is not a cut point"),
    ],
)
def test_layers_that_do_not_form_a_ladder_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(LayerError, match=message):
        _chosen(names)
