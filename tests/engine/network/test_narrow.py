"""One neuron's graph gives the same as the whole slice at its channel, and computes little else."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from neurflow.network.graph import CutPoint
from neurflow.network.narrow import pool, single_neuron
from neurflow.network.row_convolution import row_convolution
from neurflow.network.slices import Slicer, Subgraph
from tests.engine.networks import FAMILIES, OWN, SEED, BodySlice, Lambda, body_slice, error, prepared

aten = torch.ops.aten
TOLERANCE = 1e-5


def _some_channels(point: CutPoint) -> list[int]:
    return sorted({0, point.channels // 3, point.channels - 1})


def _run(part: Subgraph, x: Tensor) -> Tensor:
    part.graph.lint()
    with torch.no_grad():
        (value,) = part.program()(x)
    return value


def _close(value: Tensor, pooled: Tensor, channel: int) -> None:
    """Compare relative to the layer's largest pooled value, because a single neuron may be almost zero."""
    assert value.shape == pooled.shape[:1]
    assert float(pooled.abs().max()) > 1e-3
    assert float((value - pooled[:, channel]).abs().max() / pooled.abs().max()) <= TOLERANCE, channel


@pytest.mark.parametrize("name", [*FAMILIES, *OWN], ids=lambda name: f"{name}-seed{SEED}")
def test_a_single_neuron_equals_its_channel_of_the_whole_slice(name: str) -> None:
    net = prepared(name)
    slicer = Slicer(net.graph.captured)
    points = net.ladder if name in FAMILIES else net.graph.cut_points
    for below, x, point in net.below(points)[1:]:
        part = slicer.between(below, [point.node])
        pooled = pool(_run(part, x), point.channel_axis)
        for channel in _some_channels(point):
            _close(_run(single_neuron(part, channel, point.channel_axis), x), pooled, channel)


@pytest.mark.parametrize("tokens", ["mean", "class"])
def test_tokens_are_pooled_as_chosen(tokens: Any) -> None:
    net = prepared("vit")
    low, high = net.ladder[2], net.ladder[3]
    part = Slicer(net.graph.captured).between(low.node, [high.node])
    whole = net.seen[high.name]
    expected = whole[:, 0] if tokens == "class" else whole.mean(1)
    for channel in (0, 20, 47):
        _close(_run(single_neuron(part, channel, 2, tokens), net.seen[low.name]), expected, channel)


def _targets(part: Subgraph) -> list[Any]:
    return [node.target for node in part.graph.nodes if node.op == "call_function"]


def _neurons(made: BodySlice) -> list[Subgraph]:
    """Check all neurons of a body, each against the hook's channel."""
    pooled = pool(made.y, made.point.channel_axis)
    neurons = []
    for channel in range(made.point.channels):
        part = single_neuron(made.slice, channel, made.point.channel_axis)
        _close(_run(part, made.x), pooled, channel)
        neurons.append(part)
    return neurons


class Split(nn.Module):
    """``combine`` of two branches, 2 and 3 channels wide unless both have ``width``."""

    def __init__(self, combine: Any, left: nn.Module, right: nn.Module) -> None:
        super().__init__()
        self.combine, self.left, self.right = combine, left, right

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.combine(self.left(x), self.right(x))
        return result


def _rows(part: Subgraph) -> list[int]:
    """Return the output channels of the convolutions and linear maps that are computed."""
    wanted = {aten.conv2d.default, aten.linear.default, row_convolution}
    weights = [node.args[1].target for node in part.graph.nodes if node.target in wanted]
    named = {node.target: node for node in part.graph.nodes if node.op == "get_attr"}
    assert all(weight in named for weight in weights)
    return [part.tensors[weight].shape[0] for weight in weights]


def test_a_convolution_is_cut_to_one_row() -> None:
    for part in _neurons(body_slice(nn.Sequential(nn.Conv2d(4, 6, 3, padding=1), nn.ReLU()))):
        assert _rows(part) == [1]


def test_only_the_last_convolution_is_cut() -> None:
    for part in _neurons(body_slice(nn.Sequential(nn.Conv2d(4, 5, 3), nn.ReLU(), nn.Conv2d(5, 6, 1, bias=False)))):
        assert _rows(part) == [5, 1]


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3},
        {"kernel_size": (3, 2), "padding": (2, 0)},
        {"kernel_size": (1, 4), "padding": (0, 3), "bias": False},
        {"kernel_size": 5, "padding": 3},
        {"kernel_size": 3, "padding": 1, "stride": 2},
        {"kernel_size": 3, "padding": 2, "dilation": 2},
        {"kernel_size": 3, "padding": "same"},
        {"kernel_size": 3, "padding": 1, "padding_mode": "reflect"},
        {"kernel_size": 1, "padding": 1},
    ],
    ids=str,
)
def test_a_neuron_s_value_and_gradient_equal_those_of_the_whole_convolution(options: dict[str, Any]) -> None:
    made = body_slice(nn.Conv2d(4, 6, **options))
    _neurons(made)
    for channel in (0, 5):
        x = made.x.clone().requires_grad_()
        (whole,) = made.slice.program()(x)
        (expected,) = torch.autograd.grad(pool(whole, 1)[:, channel].sum(), x)
        (value,) = single_neuron(made.slice, channel, 1).program()(x)
        (gradient,) = torch.autograd.grad(value.sum(), x)
        assert error(gradient, expected) <= TOLERANCE


def test_a_concatenation_along_channels_is_followed_into_the_branch_of_the_channel() -> None:
    body = Split(lambda a, b: torch.cat([a, b], 1).relu(), nn.Conv2d(4, 2, 1), nn.Conv2d(4, 3, 3, padding=1))
    neurons = _neurons(body_slice(body))
    assert [_rows(part) for part in neurons] == [[1]] * 5
    assert all(aten.cat.default not in _targets(part) for part in neurons)
    sizes = [[tensor.shape[-1] for tensor in part.tensors.values() if tensor.dim() == 4] for part in neurons]
    assert sizes == [[1], [1], [3], [3], [3]]


def test_a_concatenation_along_another_axis_is_cut_in_each_branch() -> None:
    body = Split(lambda a, b: torch.cat([a, b], -1), nn.Conv2d(4, 3, 1), nn.Conv2d(4, 3, 3, padding=1))
    assert [_rows(part) for part in _neurons(body_slice(body))] == [[1, 1]] * 3


@pytest.mark.parametrize("order", [(0, 2, 3, 1), (0, -2, -1, 1), (0, 3, 1, 2)])
def test_a_permutation_is_followed_to_the_original_axis(order: tuple[int, ...]) -> None:
    made = body_slice(nn.Sequential(nn.Conv2d(4, 4, 1), Lambda(lambda x: x.permute(order))))
    for axis in (1, 2, 3):
        cut_rows = order[axis] % 4 == 1
        for channel in (0, 3):
            part = single_neuron(made.slice, channel, axis)
            _close(_run(part, made.x), pool(made.y, axis), channel)
            assert _rows(part) == [1 if cut_rows else 4]


def test_a_linear_map_on_the_last_axis_is_cut_to_one_row() -> None:
    made = body_slice(nn.Sequential(Lambda(lambda x: x.permute(0, 2, 3, 1)), nn.Linear(4, 6), nn.GELU()))
    assert made.point.channel_axis == 3
    assert [_rows(part) for part in _neurons(made)] == [[1]] * 6


class Table(nn.Module):
    """``combine(x, table)`` with a table of parameters of the given shape."""

    def __init__(self, combine: Any, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.combine, self.table = combine, nn.Parameter(torch.empty(shape))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.combine(x, self.table)
        return result


_SHAPES = [(6, 1, 1), (1, 1), (6, 4, 4), (1, 6, 4, 1), (4,), (4, 1), (1, 1, 4, 4)]
_COMBINATIONS = [torch.mul, torch.sub, lambda x, t: t - x, lambda x, t: x / (t * t + 1)]


@pytest.mark.parametrize(
    ("combine", "shape"),
    [(torch.add, shape) for shape in _SHAPES] + [(combine, _SHAPES[0]) for combine in _COMBINATIONS],
)
def test_broadcasting_follows_both_sides(combine: Any, shape: tuple[int, ...]) -> None:
    made = body_slice(nn.Sequential(nn.Conv2d(4, 6, 1), Table(combine, shape)))
    assert [_rows(part) for part in _neurons(made)] == [[1]] * 6


def test_a_map_spread_over_channels_is_not_cut() -> None:
    body = Split(torch.mul, nn.Conv2d(4, 1, 1), nn.Conv2d(4, 6, 1))
    assert [sorted(_rows(part)) for part in _neurons(body_slice(body))] == [[1, 1]] * 6
    body = Split(torch.add, Lambda(lambda x: x.mean(1, keepdim=True)), nn.Conv2d(4, 6, 1))
    assert [_rows(part) for part in _neurons(body_slice(body))] == [[1]] * 6


def test_a_map_may_be_combined_with_numbers_and_the_batch_size() -> None:
    body = Lambda(lambda x: torch.add(3 - x * 2, x, alpha=0.5) / x.shape[0] + x.shape[0])
    _neurons(body_slice(nn.Sequential(nn.Conv2d(4, 6, 1), body)))


def test_a_shortcut_is_cut_on_both_sides() -> None:
    body = Split(lambda a, b: (a + b).relu(), nn.Conv2d(4, 6, 1), nn.Sequential(nn.Conv2d(4, 6, 1), nn.BatchNorm2d(6)))
    assert [_rows(part) for part in _neurons(body_slice(body))] == [[1, 1]] * 6


@pytest.mark.parametrize("groups", [2, 4])
def test_a_grouped_convolution_is_computed_whole(groups: int) -> None:
    body = nn.Sequential(nn.Conv2d(4, 8, 3, padding=1, groups=groups), nn.Hardswish())
    assert [_rows(part) for part in _neurons(body_slice(body))] == [[8]] * 8


@pytest.mark.parametrize("fold", [True, False])
def test_a_batch_norm_is_cut_with_its_statistics(fold: bool) -> None:
    neurons = _neurons(body_slice(nn.Sequential(nn.Conv2d(4, 6, 1), nn.BatchNorm2d(6)), fold=fold))
    assert [_rows(part) for part in neurons] == [[1]] * 6
    for part in neurons:
        assert (aten.batch_norm.default in _targets(part)) is not fold
        assert max(tensor.shape[0] for tensor in part.tensors.values()) == 1


@pytest.mark.parametrize("pooling", [nn.MaxPool2d(2), nn.AvgPool2d(3, 1), nn.AdaptiveAvgPool2d(2)])
def test_pooling_over_space_is_done_on_one_channel(pooling: nn.Module) -> None:
    assert [_rows(part) for part in _neurons(body_slice(nn.Sequential(nn.Conv2d(4, 6, 1), pooling)))] == [[1]] * 6


_ACTIVATIONS = [
    nn.ReLU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Hardswish(), nn.Hardsigmoid(), nn.Hardtanh(-0.5, 0.5),
    nn.ReLU6(), nn.Sigmoid(), nn.Tanh(), nn.ELU(0.7), nn.LeakyReLU(0.2), nn.Mish(),
    Lambda(torch.neg), Lambda(torch.exp), Lambda(lambda x: x.clamp(-1, 0.5)), Lambda(lambda x: x.clamp(min=-0.1)),
    Lambda(lambda x: x**3), Lambda(lambda x: 3 - x),
]  # fmt: skip


@pytest.mark.parametrize("activation", _ACTIVATIONS, ids=lambda module: str(module)[:24])
def test_a_nonlinearity_is_applied_to_one_channel(activation: nn.Module) -> None:
    neurons = _neurons(body_slice(nn.Sequential(nn.Conv2d(4, 6, 1), activation)))
    assert [_rows(part) for part in neurons] == [[1]] * 6


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(nn.Sequential(nn.Conv2d(4, 6, 1), nn.GroupNorm(3, 6)), id="group norm"),
        pytest.param(nn.Sequential(nn.Conv2d(4, 6, 1), nn.Softmax(1)), id="softmax over channels"),
        pytest.param(nn.Sequential(nn.Conv2d(4, 6, 1), nn.LayerNorm(4)), id="layer norm over a row"),
        pytest.param(nn.PixelShuffle(2), id="pixel shuffle"),
        pytest.param(nn.ChannelShuffle(2), id="channel shuffle"),
        pytest.param(nn.GLU(1), id="gated"),
        pytest.param(Lambda(lambda x: torch.mul(*x.chunk(2, 1))), id="chunks"),
        pytest.param(Lambda(lambda x: torch.nn.functional.pad(x, (1, 0, 0, 2, 1, 1))), id="padded channels"),
        pytest.param(nn.ConvTranspose2d(4, 6, 2), id="transposed convolution"),
        pytest.param(nn.Conv2d(4, 6, 3, padding="same"), id="padding by name"),
        pytest.param(Lambda(lambda x: x.flip(1)), id="flipped channels"),
        pytest.param(Lambda(lambda x: x.roll(1, 1)), id="rolled channels"),
    ],
)
def test_unknown_operations_that_mix_channels_are_computed_whole_and_correctly(body: nn.Module) -> None:
    _neurons(body_slice(body))


def test_a_convolution_that_is_read_twice_is_cut_where_possible() -> None:
    class Gate(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.gate = nn.Conv2d(4, 6, 1), nn.Conv2d(6, 6, 1)

        def forward(self, x: Tensor) -> Tensor:
            y = self.conv(x)
            gated: Tensor = y * self.gate(y.mean((2, 3), keepdim=True)).sigmoid()
            return gated

    assert [sorted(_rows(part)) for part in _neurons(body_slice(Gate()))] == [[1, 1, 6]] * 6


def test_a_pool_is_the_mean_over_all_axes_but_batch_and_channels() -> None:
    x = torch.arange(2 * 3 * 4 * 5, dtype=torch.float64).reshape(2, 3, 4, 5)
    for axis in (1, 2, 3):
        pooled = pool(x, axis)
        for n in range(2):
            for c in range(x.shape[axis]):
                values = x[n].select(axis - 1, c).flatten().tolist()
                assert pooled[n, c].item() == pytest.approx(sum(values) / len(values))


def test_a_pool_of_tokens_takes_their_mean_or_the_class_token() -> None:
    x = torch.arange(24.0).reshape(2, 3, 4)
    assert pool(x, 2, "mean").tolist() == [[4, 5, 6, 7], [16, 17, 18, 19]]
    assert pool(x, 2, "class").tolist() == [[0, 1, 2, 3], [12, 13, 14, 15]]
    assert pool(x, 1, "class").tolist() == [[0, 4, 8], [12, 16, 20]]


def test_units_are_pooled_to_themselves_whatever_the_tokens() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(pool(x, 1, "mean"), x) and torch.equal(pool(x, 1, "class"), x)


def test_the_class_token_is_of_tokens_only() -> None:
    x = torch.arange(32.0).reshape(1, 2, 4, 4)
    assert torch.equal(pool(x, 1, "class"), x.mean((2, 3)))
    made = body_slice(nn.Conv2d(4, 6, 1))
    value = _run(single_neuron(made.slice, 2, 1, "class"), made.x)
    assert error(value, made.y[:, 2].mean((1, 2))) <= TOLERANCE


def test_making_a_neuron_s_graph_leaves_the_slice_unchanged() -> None:
    made = body_slice(nn.Sequential(nn.Conv2d(4, 6, 1), nn.BatchNorm2d(6), nn.ReLU()))
    before, keys = str(made.slice.graph), list(made.slice.tensors)
    first = _run(single_neuron(made.slice, 1, 1), made.x)
    _run(single_neuron(made.slice, 2, 1), made.x)
    assert torch.equal(_run(single_neuron(made.slice, 1, 1), made.x), first)
    assert str(made.slice.graph) == before and list(made.slice.tensors) == keys


def test_a_very_deep_slice_needs_no_deep_recursion() -> None:
    net = prepared("densenet121")
    low, high = net.graph.find("features.pool0"), net.graph.cut_points[-1]
    part = Slicer(net.graph.captured).between(low.node, [high.node])
    assert len(part.graph.nodes) > 400
    value = _run(single_neuron(part, 3, 1), net.seen[low.name])
    assert error(value, net.seen["output"][:, 3]) <= 10 * TOLERANCE
