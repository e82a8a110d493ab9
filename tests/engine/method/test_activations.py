"""Tables of pooled activations, compared with hooks on the network in float64; concepts."""

from __future__ import annotations

import copy

import numpy as np
import PIL.Image
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from neurflow.method.activations import activation_tables, concept
from neurflow.method.patches import PatchImage, PatchSet
from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import choose_layers
from neurflow.network.layers import Ladder
from neurflow.network.narrow import Tokens
from neurflow.network.preprocessing import Preprocessing
from neurflow.progress import silent
from neurflow.terms.errors import Cancelled, NumericalError
from tests.engine.networks import FAMILIES, OWN, SEED, Prepared, fill, prepared

CPU = torch.device("cpu")


def _patches(size: int, crops: tuple[float, ...], count: int = 1, seed: int = 0) -> PatchSet:
    preprocessing = Preprocessing(size, size, (0.5, 0.4, 0.3), (0.2, 0.3, 0.25))
    generator = np.random.default_rng(seed)
    pictures = [PIL.Image.fromarray(generator.integers(0, 256, (40, 48, 3), dtype=np.uint8)) for _ in range(count)]
    images = [PatchImage.of(str(i), picture, preprocessing, crops) for i, picture in enumerate(pictures)]
    return PatchSet(images, preprocessing, crops)


def _size(name: str) -> int:
    return {**FAMILIES, **OWN}[name].input_size


def _slowly(
    net: Prepared, patches: PatchSet, tokens: Tokens
) -> dict[str, np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Run each patch alone through the network in double precision, with hooks, and take means by sums."""
    network = copy.deepcopy(net.network).double()
    rows: dict[str, list[list[float]]] = {point.name: [] for point in net.ladder}

    def note(name: str, axis: int, output: Tensor) -> None:
        values = output[0].movedim(axis - 1, 0)  # channels first, whatever comes after
        if values.dim() == 2 and tokens == "class":
            rows[name].append([float(channel[0]) for channel in values])
        else:
            rows[name].append([float(channel.sum()) / channel.numel() for channel in values])

    handles = [
        network.get_submodule(point.name).register_forward_hook(
            lambda module, args, output, point=point: note(point.name, point.channel_axis, output)
        )
        for point in net.ladder
        if point.name != "output"
    ]
    with torch.no_grad():
        for patch in range(len(patches)):
            logits = network(patches.batch([patch]).double())
            if net.ladder[-1].name == "output":
                note("output", 1, logits)
    for handle in handles:
        handle.remove()
    return {name: np.array(values) for name, values in rows.items()}


@pytest.mark.parametrize(
    ("name", "crops", "tokens"),
    [
        ("norms", (1.0, 0.5, 0.25), "mean"),
        ("functional", (1.0, 0.5, 0.25), "mean"),
        ("residual_mlp", (1.0, 0.5), "mean"),
        ("vit", (1.0, 0.5), "mean"),
        ("vit", (1.0, 0.5), "class"),
        ("swin_t", (0.7,), "mean"),
    ],
)
def test_tables_match_hooks_on_each_patch_alone_in_float64(name: str, crops: tuple[float, ...], tokens: Tokens) -> None:
    net, patches = prepared(name), _patches(_size(name), crops, count=2)
    tables = activation_tables(Ladder(net.graph, net.ladder, tokens), patches, CPU, 8, silent)
    for table, (layer, expected) in zip(tables, _slowly(net, patches, tokens).items(), strict=True):
        assert table.dtype == np.float32 and table.shape == expected.shape, layer
        assert np.abs(expected).max() > 1e-3
        assert np.abs(table - expected).max() <= 1e-4 * np.abs(expected).max(), layer


@pytest.mark.parametrize("batch_size", [1, 7, 500])
def test_tables_do_not_depend_on_the_batch_size(batch_size: int) -> None:
    net, patches = prepared("gated"), _patches(8, (1.0, 0.25))
    ladder = Ladder(net.graph, net.ladder, "mean")
    for table, other in zip(
        activation_tables(ladder, patches, CPU, batch_size, silent),
        activation_tables(ladder, patches, CPU, 16, silent),
        strict=True,
    ):
        np.testing.assert_allclose(table, other, rtol=1e-5, atol=1e-6)


def test_progress_is_reported_for_each_batch_of_patches() -> None:
    net, patches = prepared("functional"), _patches(8, (0.5,))
    told: list[tuple[str, int, int]] = []
    ladder = Ladder(net.graph, net.ladder, "mean")
    activation_tables(ladder, patches, CPU, 4, lambda stage, done, total: told.append((stage, done, total)))
    assert told == [("activations", done, 9) for done in (0, 4, 8, 9)]


def test_progress_can_cancel() -> None:
    net, patches = prepared("functional"), _patches(8, (0.5,))
    told: list[int] = []

    def stop(stage: str, done: int, total: int) -> None:
        told.append(done)
        if done == 4:
            raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        activation_tables(Ladder(net.graph, net.ladder, "mean"), patches, CPU, 4, stop)
    assert told == [0, 4]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize(("broken", "named"), [("low", "low"), ("high", "high")])
def test_nan_or_infinity_names_the_lowest_layer_that_has_any(value: float, broken: str, named: str) -> None:
    network: nn.Module = fill(OWN["functional"].build(), SEED)
    with torch.no_grad():
        network.get_submodule(broken).get_parameter("bias")[1] = value
    graph = NetworkGraph(network, 8)
    ladder = Ladder(graph, choose_layers(graph, None), "mean")
    with pytest.raises(NumericalError, match=f"layer '{named}' gives NaN or infinity: check the weights, mean and std"):
        activation_tables(ladder, _patches(8, (1.0,)), CPU, 4, silent)


def test_a_concept_holds_the_highest_activations_and_the_earliest_of_equal_patches() -> None:
    activations = np.array([0.5, 2, -1, 2, 0.5, 3], dtype=np.float32)
    assert concept(activations, 6).tolist() == [5, 1, 3, 0, 4, 2]
    assert concept(activations, 2).tolist() == [5, 1]
    assert concept(np.zeros(4, dtype=np.float32), 3).tolist() == [0, 1, 2]


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=80), st.data())
def test_a_concept_matches_a_sort_by_activation_and_place(values: list[int], data: st.DataObject) -> None:
    top_k = data.draw(st.integers(1, len(values)))
    chosen = concept(np.array(values, dtype=np.float32), top_k)
    assert chosen.dtype == np.int64
    assert chosen.tolist() == sorted(range(len(values)), key=lambda i: (-values[i], i))[:top_k]
