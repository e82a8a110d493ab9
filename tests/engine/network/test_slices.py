"""A slice computes what a hook records, for any network, and leaves the network unchanged."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, fx, nn

from neurflow.network.capture import Captured
from neurflow.network.graph import NetworkGraph
from neurflow.network.layers import Ladder
from neurflow.network.narrow import pool
from neurflow.network.slices import Program, Slicer, Subgraph
from tests.engine.networks import FAMILIES, OWN, SEED, Lambda, body_slice, error, fill, images, prepared

aten = torch.ops.aten
TOLERANCE = 1e-5


def _count(part: Subgraph, target: object) -> int:
    return sum(node.target is target for node in part.graph.nodes)


def _run(part: Subgraph, *inputs: Tensor) -> tuple[Tensor, ...]:
    with torch.no_grad():
        return part.program()(*inputs)


@pytest.mark.parametrize("name", FAMILIES, ids=lambda name: f"{name}-seed{SEED}")
def test_each_step_of_the_default_ladder_equals_what_a_hook_records(name: str) -> None:
    net = prepared(name)
    ladder = Ladder(net.graph, net.ladder, "mean")
    for upper in range(1, len(ladder)):
        low, high = net.ladder[upper - 1], net.ladder[upper]
        (value,) = _run(ladder.step(upper), net.seen[low.name])
        assert error(value, net.seen[high.name]) <= TOLERANCE, f"{low.name} → {high.name}"


@pytest.mark.parametrize("name", [*FAMILIES, *OWN], ids=lambda name: f"{name}-seed{SEED}")
def test_each_slice_from_one_cut_point_to_the_next_equals_what_a_hook_records(name: str) -> None:
    net = prepared(name)
    slicer = Slicer(net.graph.captured)
    for below, x, point in net.below(net.graph.cut_points):
        (value,) = _run(slicer.between(below, [point.node]), x)
        for known_as in (point.name, *point.aliases):
            assert error(value, net.seen[known_as]) <= TOLERANCE, known_as


@pytest.mark.parametrize("name", [*FAMILIES, *OWN], ids=lambda name: f"{name}-seed{SEED}")
def test_one_pass_from_the_image_gives_all_layers_at_once(name: str) -> None:
    net = prepared(name)
    ladder = Ladder(net.graph, net.ladder, "mean")
    maps = ladder.maps_up_to(len(ladder) - 1)
    with torch.no_grad():
        for value, point in zip(maps(net.images), net.ladder, strict=True):
            # Rounding adds up over the whole depth, while a step has only its own.
            assert error(value, net.seen[point.name]) <= 10 * TOLERANCE, point.name


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("name", ["vit", "swin_t", "norms", "gated"])
def test_slices_accept_any_batch_size(name: str, count: int) -> None:
    net = prepared(name)
    low, high = net.ladder[-3], net.ladder[-1]
    part = Slicer(net.graph.captured).between(low.node, [high.node])
    rows = [i % 3 for i in range(count)]
    (value,) = _run(part, net.seen[low.name][rows])
    assert error(value, net.seen[high.name][rows]) <= TOLERANCE


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "efficientnet_b0", "norms"])
def test_folding_batch_norms_changes_no_output(name: str) -> None:
    net = prepared(name)
    ends = [point.node for point in net.ladder]
    folded = Slicer(net.graph.captured, fold=True).between(None, ends)
    plain = Slicer(net.graph.captured, fold=False).between(None, ends)
    assert _count(folded, aten.batch_norm.default) < _count(plain, aten.batch_norm.default)
    for value, expected in zip(_run(folded, net.images), _run(plain, net.images), strict=True):
        assert error(value, expected) <= 10 * TOLERANCE


def test_a_batch_norm_is_folded_only_into_a_convolution_that_nothing_else_reads() -> None:
    net = prepared("norms")
    point = net.graph.find
    slicer = Slicer(net.graph.captured)
    whole = slicer.between(None, [net.graph.cut_points[-1].node])
    # Not folded: the one before a convolution, the one beside its convolution, the one after a linear map.
    assert _count(whole, aten.batch_norm.default) == 3
    both = slicer.between(None, [point("usual.0").node, point("usual.1").node])
    assert _count(both, aten.batch_norm.default) == 1
    for value, name in zip(_run(both, net.images), ("usual.0", "usual.1"), strict=True):
        assert error(value, net.seen[name]) <= TOLERANCE
    norm_alone = slicer.between(point("usual.0").node, [point("usual.1").node])
    assert _count(norm_alone, aten.batch_norm.default) == 1
    assert _count(norm_alone, aten.conv2d.default) == 0


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_folded_weights_match_the_formula_in_float64(bias: bool, affine: bool) -> None:
    conv, norm = nn.Conv2d(4, 6, 3, bias=bias), nn.BatchNorm2d(6, eps=1e-3, affine=affine)
    made = body_slice(nn.Sequential(conv, norm))
    scale = 1 / (norm.running_var.double() + 1e-3).sqrt()  # type: ignore[union-attr]
    shift = -norm.running_mean.double() * scale  # type: ignore[union-attr]
    if bias:
        shift = shift + conv.bias.double() * scale  # type: ignore[union-attr]
    if affine:
        scale, shift = scale * norm.weight.double(), shift * norm.weight.double() + norm.bias.double()
    (node,) = [node for node in made.slice.graph.nodes if node.target is aten.conv2d.default]
    weight, offset = (made.slice.tensors[arg.target] for arg in node.args[1:3])
    torch.testing.assert_close(weight.double(), conv.weight.double() * scale.reshape(-1, 1, 1, 1), rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(offset.double(), shift, rtol=1e-6, atol=1e-7)


def test_folded_weights_are_channels_last_and_shared_by_all_slices() -> None:
    net = prepared("resnet18")
    slicer = Slicer(net.graph.captured)
    low, high = net.graph.find("layer3.0"), net.graph.find("layer3.1")
    one, other = slicer.between(low.node, [high.node]), slicer.between(None, [high.node])
    weights = [tensor for tensor in one.tensors.values() if tensor.dim() == 4]
    assert len(weights) == 2
    assert all(weight.is_contiguous(memory_format=torch.channels_last) for weight in weights)
    shared = {tensor.data_ptr() for tensor in other.tensors.values()}
    assert all(weight.data_ptr() in shared for weight in weights)


def test_a_convolution_with_weights_made_from_the_input_is_not_folded() -> None:
    class Dynamic(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm2d(4)

        def forward(self, x: Tensor) -> Tensor:
            weight = x[:1, :, :1, :1].tanh() * torch.ones(4, 1, 1, 1)
            normed: Tensor = self.norm(torch.conv2d(x, weight))
            return normed

    made = body_slice(Dynamic())
    assert _count(made.slice, aten.batch_norm.default) == 1
    assert error(_run(made.slice, made.x)[0], made.y) <= TOLERANCE


def test_parameters_that_are_not_folded_share_memory_with_the_network() -> None:
    net = prepared("vit")
    part = Slicer(net.graph.captured).between(net.ladder[-2].node, [net.ladder[-1].node])
    own = {parameter.data_ptr() for parameter in net.network.parameters()}
    large = [tensor for tensor in part.tensors.values() if tensor.dim() == 2]
    assert large and all(tensor.data_ptr() in own for tensor in large)
    assert not any(tensor.requires_grad for tensor in part.tensors.values())


def test_a_slice_can_be_differentiated_with_respect_to_its_input_alone() -> None:
    net = prepared("copies")
    low, high = net.graph.find("one"), net.graph.cut_points[-1]
    x = net.seen["one"].clone().requires_grad_()
    (logits,) = Slicer(net.graph.captured).between(low.node, [high.node]).program()(x)
    logits[:, 3].sum().backward()  # type: ignore[no-untyped-call]
    through_hooks = net.seen["one"].clone().requires_grad_()
    two, fc = net.network.get_submodule("two"), net.network.get_submodule("fc")
    (expected,) = torch.autograd.grad(fc(two(through_hooks).permute(0, 2, 3, 1).flatten(1))[:, 3].sum(), through_hooks)
    assert x.grad is not None and error(x.grad, expected) <= TOLERANCE
    assert all(parameter.grad is None for parameter in net.network.parameters())


def test_the_logits_can_be_reached_from_any_layer() -> None:
    net = prepared("residual_mlp")
    ladder = Ladder(net.graph, net.ladder, "mean")
    for layer, point in enumerate(net.ladder[:-1]):
        with torch.no_grad():
            (logits,) = ladder.to_logits(layer)(net.seen[point.name])
        assert error(logits, net.seen["output"]) <= TOLERANCE


def test_the_pass_over_all_layers_pools_each_like_the_ladder() -> None:
    net = prepared("vit")
    ladder = Ladder(net.graph, net.ladder, "class")
    with torch.no_grad():
        tables = ladder.all_pooled(net.images)
    for layer, (table, point) in enumerate(zip(tables, net.ladder, strict=True)):
        seen = net.seen[point.name]
        assert error(ladder.pool(seen, layer), seen[:, 0] if seen.dim() == 3 else seen) == 0
        assert error(table, pool(seen, point.channel_axis, "class")) <= 10 * TOLERANCE


def test_the_ladder_describes_its_layers() -> None:
    net = prepared("swin_t")
    first, *_, last = Ladder(net.graph, net.ladder, "mean").info
    assert (first.name, first.channels, first.shape) == ("features.1.1", 96, (16, 16, 96))
    assert (last.name, last.channels, last.shape) == ("head", 10, (10,))


def _chain(operations: list[Callable[..., object]]) -> Subgraph:
    graph = fx.Graph()
    start = node = graph.placeholder("x")
    for operation in operations:
        node = graph.call_function(operation, (node,))
    graph.output((node,))
    return Subgraph(graph, {}, (start,), (node,))


def test_a_program_drops_each_value_after_its_last_use() -> None:
    made: list[weakref.ref[Tensor]] = []
    alive: list[int] = []

    def step(value: Tensor) -> Tensor:
        alive.append(sum(reference() is not None for reference in made))
        result = value + 1
        made.append(weakref.ref(result))
        return result

    (result,) = Program(_chain([step] * 5))(torch.zeros(2))
    assert result.tolist() == [5, 5]
    assert alive == [0, 1, 1, 1, 1]  # never more than the value that is being read


def test_a_program_keeps_an_output_that_is_read_again() -> None:
    part = _chain([torch.neg, torch.exp])
    middle = part.outputs[0].args[0]
    assert isinstance(middle, fx.Node)
    both = Subgraph(part.graph, part.tensors, part.inputs, (middle, part.outputs[0]))
    negative, exponential = both.program()(torch.ones(1))
    assert negative.item() == -1 and exponential.item() == pytest.approx(0.36787944)


def test_a_program_requires_all_its_inputs() -> None:
    with pytest.raises(ValueError, match="zip"):
        Program(_chain([torch.neg]))(torch.zeros(1), torch.zeros(1))


def test_slicing_leaves_the_captured_graph_unchanged() -> None:
    network = fill(OWN["norms"].build(), SEED)
    captured: Captured = NetworkGraph(network, 8).captured
    before, tensors = str(captured.graph), {name: tensor.clone() for name, tensor in captured.tensors.items()}
    slicer = Slicer(captured)
    _run(slicer.between(None, [captured.result]), images(3, 8))
    Ladder(NetworkGraph(network, 8), (), "mean")
    assert str(captured.graph) == before
    assert captured.tensors.keys() == tensors.keys()
    assert all(torch.equal(captured.tensors[name], tensor) for name, tensor in tensors.items())


def test_sizes_are_taken_from_the_slice_and_not_from_the_image() -> None:
    made = body_slice(Lambda(lambda x: x * x.shape[0] + torch.ones(x.shape[0], 1, 1, 1)))
    assert error(_run(made.slice, made.x)[0], made.y) <= TOLERANCE
    assert error(_run(made.slice, made.x[:1])[0], made.x[:1] + 1) <= TOLERANCE
