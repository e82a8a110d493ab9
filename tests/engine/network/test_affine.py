"""The affine head of a neuron's graph: affine, as long as possible, and joined by the tail to the whole."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from neurflow.network.affine import Split, split_affine
from neurflow.network.narrow import single_neuron
from neurflow.network.row_convolution import row_convolution
from neurflow.network.slices import Slicer, Subgraph, batch_first
from tests.engine.networks import FAMILIES, OWN, SEED, Lambda, body_slice, prepared

aten = torch.ops.aten
TOLERANCE = 1e-5


def _run(part: Subgraph, *inputs: Tensor) -> tuple[Tensor, ...]:
    part.graph.lint()
    with torch.no_grad():
        return part.program()(*inputs)


def _near(actual: Tensor, expected: Tensor, scale: float) -> None:
    assert actual.shape == expected.shape
    assert float((actual - expected).abs().max()) <= TOLERANCE * max(scale, 1e-3)


def _check(neuron: Subgraph, x: Tensor) -> Split:
    """Check what holds for every split; return it."""
    split = split_affine(neuron)
    (whole,) = _run(neuron, x)
    parts = _run(split.head, x)
    (joined,) = _run(split.tail, *parts)
    _near(joined, whole, float(whole.abs().max()))
    origin = _run(split.head, torch.zeros_like(x[:1]))
    for t in (0.3, -1.7):
        for part, zero, along in zip(parts, origin, _run(split.head, t * x), strict=True):
            _near(along, zero + t * (part - zero), float(part.abs().max()) * (1 + abs(t)))
    assert all(batch_first(node) for node in split.head.outputs)
    if split.linear:
        assert len(parts) == 1 and torch.equal(joined, parts[0])
    return split


@pytest.mark.parametrize("name", [*FAMILIES, *OWN], ids=lambda name: f"{name}-seed{SEED}")
def test_the_head_is_affine_and_the_tail_joins_it_to_the_whole(name: str) -> None:
    net = prepared(name)
    slicer = Slicer(net.graph.captured)
    points = net.ladder if name in FAMILIES else net.graph.cut_points
    for below, x, point in net.below(points)[1:]:
        part = slicer.between(below, [point.node])
        _check(single_neuron(part, point.channels // 2, point.channel_axis), x)


def _split(body: nn.Module, channel: int = 0, **kwargs: Any) -> Split:
    made = body_slice(body, **kwargs)
    return _check(single_neuron(made.slice, channel, made.point.channel_axis), made.x)


class Parameter(nn.Module):
    """``combine(x, p)`` with a parameter ``p``."""

    def __init__(self, combine: Any, *shape: int) -> None:
        super().__init__()
        self.combine, self.p = combine, nn.Parameter(torch.empty(shape))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.combine(x, self.p)
        return result


def _pad(mode: str, value: float | None = None) -> nn.Module:
    return Lambda(lambda x: nn.functional.pad(x, (1, 1, 0, 1), mode, value))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 6)), id="mean and fc"),
        pytest.param(nn.Conv2d(4, 6, 3, bias=False), id="convolution"),
        pytest.param(nn.Conv2d(4, 8, 3, groups=4), id="depthwise convolution"),
        pytest.param(nn.Sequential(nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6), nn.AvgPool2d(2)), id="batch norm and mean"),
        pytest.param(nn.Sequential(nn.BatchNorm2d(4), nn.Conv2d(4, 6, 1)), id="batch norm before"),
        pytest.param(_pad("constant", 0.0), id="zeros around"),
        pytest.param(_pad("constant", 1.5), id="a value around"),
        pytest.param(Lambda(lambda x: 3 - 2 * x), id="numbers"),
        pytest.param(Lambda(lambda x: -x / 3 + x), id="sum with itself"),
        pytest.param(Lambda(lambda x: torch.cat([2 * x, x[:, 1:3]], 1)[:, 3:]), id="concatenation"),
        pytest.param(Parameter(torch.mul, 4, 1, 1), id="times a parameter"),
        pytest.param(Parameter(lambda x, p: x / p.exp(), 4, 1, 1), id="over a parameter"),
        pytest.param(Parameter(lambda x, p: p.sigmoid() - x, 4, 4), id="less than a parameter"),
        pytest.param(Lambda(lambda x: x.permute(0, 2, 3, 1).transpose(1, 2).reshape(-1, 16, 4)), id="turned"),
        pytest.param(
            Lambda(lambda x: x.unsqueeze(1).expand(-1, 2, -1, -1, -1).sum(1).roll(1, 3)), id="spread and summed"
        ),
        pytest.param(nn.Sequential(nn.Conv2d(4, 6, 1), nn.Dropout(0.5)), id="dropout"),
    ],
)
def test_affine_operations_are_called_linear(body: nn.Module) -> None:
    assert _split(body).linear


class SqueezeExcite(nn.Module):
    """A map times a gate made of its own mean."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        gated: Tensor = x * self.gate(x.mean((2, 3), keepdim=True))
        return gated


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(nn.MaxPool2d(2), id="maximum"),
        pytest.param(nn.ReLU(), id="relu"),
        pytest.param(nn.Sequential(nn.Conv2d(4, 6, 1), nn.ReLU6()), id="convolution and relu6"),
        pytest.param(nn.LayerNorm(4), id="layer norm"),
        pytest.param(nn.GroupNorm(2, 4), id="group norm"),
        pytest.param(nn.Softmax(1), id="softmax"),
        pytest.param(Lambda(lambda x: x * x), id="x times x"),
        pytest.param(Lambda(lambda x: x * (2 * x + 1)), id="product of two affine maps"),
        pytest.param(Lambda(lambda x: x * x.sigmoid()), id="x times a gate"),
        pytest.param(Lambda(lambda x: x / (x.abs() + 1)), id="over what moves"),
        pytest.param(Parameter(lambda x, p: p / (x * x + 1), 4, 1, 1), id="a parameter over what moves"),
        pytest.param(Lambda(lambda x: torch.mul(*x.chunk(2, 1))), id="product of chunks"),
        pytest.param(
            Lambda(lambda x: torch.cat([part.relu() for part in torch.split_with_sizes(x, [1, 1, 2], 1)], 1)),
            id="split",
        ),
        pytest.param(nn.GLU(1), id="gated"),
        pytest.param(SqueezeExcite(), id="squeeze and excite"),
        pytest.param(Lambda(lambda x: torch.conv2d(x, x[:1, :, :1, :1].expand(4, 4, 1, 1))), id="weights that move"),
    ],
)
def test_other_operations_are_not_called_linear(body: nn.Module) -> None:
    assert not _split(body).linear


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_other_padding_is_left_to_the_tail(mode: str) -> None:
    _split(nn.Sequential(_pad(mode), nn.Conv2d(4, 4, 2)))


def _operations(part: Subgraph) -> list[Any]:
    return [node.target for node in part.graph.nodes if node.op == "call_function"]


def test_the_head_ends_at_the_first_nonlinearity() -> None:
    split = _split(nn.Sequential(nn.Conv2d(4, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Conv2d(5, 6, 1)))
    assert _operations(split.head) == [aten.conv2d.default]
    assert _operations(split.tail) == [aten.relu.default, aten.conv2d.default, aten.mean.dim]
    assert not split.linear


class Fork(nn.Module):
    """Two branches, one of them affine up to the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.bent = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Tanh(), nn.Conv2d(4, 4, 1))
        self.straight = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = self.bent(x) + self.straight(x)
        return total


def test_the_frontier_is_at_the_end_of_each_branch_only() -> None:
    split = _split(Fork())
    assert len(split.tail.inputs) == 2
    assert _operations(split.head) == [aten.conv2d.default, row_convolution]
    assert [node.target for node in split.head.outputs] == _operations(split.head)
    assert _operations(split.tail).count(aten.conv2d.default) == 1


def test_if_the_input_itself_passes_a_nonlinearity_the_head_is_empty() -> None:
    split = _split(nn.Sequential(nn.ReLU(), nn.Conv2d(4, 6, 1)))
    assert split.head.outputs == split.head.inputs
    assert _operations(split.head) == []


def test_chunks_are_in_the_tail_with_all_that_read_them() -> None:
    split = _split(nn.Sequential(nn.Conv2d(4, 4, 1), nn.GLU(1)))
    assert _operations(split.head) == [aten.conv2d.default]


def test_windows_that_leave_the_batch_axis_are_not_affine() -> None:
    windows = Lambda(lambda x: x.reshape(-1, 4, 2, 2, 4).transpose(1, 2).reshape(-1, 4, 2, 4) * 2)
    split = _split(nn.Sequential(windows, Lambda(lambda x: x.reshape(-1, 2, 4, 2, 4).transpose(1, 2).flatten(2, 3))))
    assert not split.linear


def test_the_last_step_of_a_residual_network_is_linear_and_that_of_blocks_is_not() -> None:
    net = prepared("resnet18")
    slicer = Slicer(net.graph.captured)
    for (below, _, point), linear in zip(net.below(net.ladder)[-2:], (False, True), strict=True):
        assert split_affine(single_neuron(slicer.between(below, [point.node]), 0, 1)).linear is linear


def test_a_neuron_independent_of_the_layer_below_is_split() -> None:
    split = _split(Lambda(lambda x: torch.cat([torch.ones(x.shape[0], 1, 4, 4), x.relu()], 1)), channel=0)
    assert _operations(split.head) == []


def test_splitting_leaves_the_neuron_s_graph_unchanged() -> None:
    made = body_slice(Fork())
    neuron = single_neuron(made.slice, 0, 1)
    before = str(neuron.graph)
    split_affine(neuron)
    assert str(neuron.graph) == before
