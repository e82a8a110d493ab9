"""A network as a graph: any batch size, constants computed once, the network unchanged, errors that name modules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from neurflow.network.capture import Captured, capture
from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import default_ladder
from neurflow.network.layers import Ladder
from neurflow.network.slices import Slicer
from neurflow.terms.errors import NotTraceable
from tests.engine.networks import CLASSES, FAMILIES, OWN, SEED, Chain, Lambda, error, fill, images, prepared

aten = torch.ops.aten


def _run(captured: Captured, x: Tensor) -> Tensor:
    with torch.no_grad():
        (logits,) = Slicer(captured, fold=False).between(None, [captured.result]).program()(x)
    return logits


def _state(network: nn.Module) -> dict[str, Any]:
    """Return everything about a network that could visibly change."""
    hooks = [name for name in vars(network) if name.endswith("hooks")]
    assert "_forward_hooks" in hooks and "_forward_pre_hooks" in hooks
    return {
        "bytes": {name: (tensor.numpy().tobytes(), tensor.dtype) for name, tensor in network.state_dict().items()},
        "addresses": {name: tensor.data_ptr() for name, tensor in network.state_dict(keep_vars=True).items()},
        "layout": {name: tensor.stride() for name, tensor in network.state_dict().items()},
        "classes": {name: type(tensor) for name, tensor in network.named_parameters()},
        "grad wanted": {name: tensor.requires_grad for name, tensor in network.named_parameters()},
        "grad": {name: tensor.grad for name, tensor in network.named_parameters()},
        "training": {name: module.training for name, module in network.named_modules()},
        "hooks": {
            name: {hook: OrderedDict(getattr(module, hook) or {}) for hook in hooks}
            for name, module in network.named_modules()
        },
        "attributes": {name: sorted(vars(module)) for name, module in network.named_modules()},
    }


def _with_traces_of_use(network: nn.Module) -> nn.Module:
    """Set flags, layouts and hooks that differ from module to module, so that a reset would show."""
    for i, parameter in enumerate(network.parameters()):
        parameter.requires_grad_(i % 3 != 0)
    for i, module in enumerate(network.modules()):
        if isinstance(module, nn.Conv2d) and i % 2:
            module.to(memory_format=torch.channels_last)
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda module, args, output: None)
    return network


@pytest.mark.parametrize("name", ["resnet18", "norms", "in_place", "tied_weights", "called_twice"])
def test_capture_and_slices_leave_the_network_unchanged(name: str) -> None:
    recipe = {**FAMILIES, **OWN}[name]
    network = _with_traces_of_use(fill(recipe.build(), SEED))
    before = _state(network)
    graph = NetworkGraph(network, recipe.input_size)
    ladder = Ladder(graph, default_ladder(graph), "mean")
    x = images(2, recipe.input_size).requires_grad_()
    for upper in range(1, len(ladder)):
        below = ladder.maps_up_to(upper - 1)(x)[-1]
        (value,) = ladder.step(upper).program()(below)
        value.sum().backward(inputs=[x])  # type: ignore[no-untyped-call]
    ladder.all_pooled(x.detach())
    assert x.grad is not None
    after = _state(network)
    for what, value in before.items():
        assert after[what] == value, what


class Boom(nn.Module):
    """Raises when it is run."""

    def forward(self, x: Tensor) -> Tensor:
        raise RuntimeError("boom")


def test_an_exception_during_capture_names_the_module_and_leaves_the_network_unchanged() -> None:
    inner = nn.Sequential(OrderedDict(conv=nn.Conv2d(4, 4, 1), relu=nn.ReLU(inplace=True), last=Boom()))
    network = nn.Sequential(OrderedDict(stem=nn.Conv2d(3, 4, 1), norm=nn.BatchNorm2d(4), block=inner))
    _with_traces_of_use(fill(network, SEED))
    before = _state(network)
    with pytest.raises(NotTraceable, match="at module 'block.last': boom"):
        capture(network, 8)
    after = _state(network)
    for what, value in before.items():
        assert after[what] == value, what


def test_an_interrupt_during_capture_leaves_no_hook_behind() -> None:
    def interrupt(x: Tensor) -> Tensor:
        raise KeyboardInterrupt

    network = nn.Sequential(nn.Conv2d(3, 4, 1), Lambda(interrupt)).eval()
    before = _state(network)
    with pytest.raises(KeyboardInterrupt):
        capture(network, 8)
    assert _state(network) == before


@pytest.mark.parametrize("name", OWN, ids=lambda name: f"{name}-seed{SEED}")
@pytest.mark.parametrize("count", [1, 4])
def test_the_graph_gives_the_network_s_output_for_any_batch_size(name: str, count: int) -> None:
    net = prepared(name)
    x = images(count, OWN[name].input_size, seed=count)
    with torch.no_grad():
        assert error(_run(net.graph.captured, x), net.network(x.clone())) <= 1e-5


def test_the_graph_runs_on_any_memory_layout() -> None:
    net = prepared("gated")
    x = images(3, 8)
    assert not x.is_contiguous()
    odd = x.contiguous().transpose(2, 3).contiguous().transpose(2, 3)
    assert error(_run(net.graph.captured, odd), _run(net.graph.captured, x.contiguous())) <= 1e-5


def test_the_graph_modifies_none_of_its_values() -> None:
    captured = prepared("in_place").graph.captured
    operations = [node.target for node in captured.graph.nodes if node.op == "call_function"]
    assert operations
    writing = [str(op) for op in operations if isinstance(op, torch._ops.OpOverload) and op._schema.is_mutable]
    assert writing == []
    x = images(2, 8)
    kept = x.clone()
    _run(captured, x)
    assert torch.equal(x, kept)


def test_values_that_do_not_depend_on_the_image_are_computed_once() -> None:
    class Positions(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Parameter(torch.empty(4, 4))
            self.register_buffer("index", torch.tensor([3, 1, 0, 2]))

        def forward(self, x: Tensor) -> Tensor:
            offset = torch.arange(4.0).cos() + (self.table[self.index] * 2).exp().sum(0)  # type: ignore[index]
            return x + offset[:, None, None] + x.new_zeros(4, 1, 1)

    network = fill(Chain(Positions()), SEED)
    captured = capture(network, 4)
    operations = {node.target for node in captured.graph.nodes if node.op == "call_function"}
    assert aten.add.Tensor in operations
    sizes = {aten.reshape.default, aten.sym_size.int}
    assert operations <= {aten.conv2d.default, aten.add.Tensor, aten.linear.default, *sizes}
    x = images(3, 4)
    with torch.no_grad():
        assert error(_run(captured, x), network(x)) <= 1e-5


def test_constants_are_copies_and_parameters_share_memory() -> None:
    network = fill(Chain(nn.BatchNorm2d(4)), SEED)
    captured = capture(network, 4)
    own = {tensor.data_ptr() for tensor in (*network.parameters(), *network.buffers())}
    assert {tensor.data_ptr() for tensor in captured.tensors.values()} <= own
    assert not any(tensor.requires_grad for tensor in captured.tensors.values())


def test_only_tensors_that_the_graph_reads_are_kept() -> None:
    captured = prepared("norms").graph.captured
    read = {str(node.target) for node in captured.graph.nodes if node.op == "get_attr"}
    assert read == captured.tensors.keys()


def test_auxiliary_heads_are_left_out() -> None:
    assert "aux1" in dict(prepared("googlenet").network.named_children())
    stacks = [node.meta.get("nn_module_stack", {}) for node in prepared("googlenet").graph.captured.graph.nodes]
    paths = {path for stack in stacks for path, _ in stack.values()}
    assert "inception5b" in paths
    assert not any(path.startswith("aux") for path in paths)


def test_a_network_without_parameters_is_captured() -> None:
    class Colours(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean((2, 3))

    x = images(3, 4)
    assert error(_run(capture(Colours().eval(), 4), x), x.mean((2, 3))) <= 1e-6


def _branch(x: Tensor) -> Tensor:
    return x.relu() if x.sum() > 0 else x


class Returns(nn.Module):
    """A network whose output is computed from its logits by a function."""

    def __init__(self, make: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.block, self.fc, self.make = nn.Sequential(nn.Flatten(), nn.ReLU()), nn.Linear(48, CLASSES), make

    def forward(self, x: Tensor) -> Any:
        return self.make(self.fc(self.block(x)))


def test_a_branch_on_values_names_its_module() -> None:
    network = Chain(nn.Sequential(nn.ReLU(), nn.Tanh())).eval()
    network.body = nn.Sequential(OrderedDict(relu=nn.ReLU(), choice=Lambda(_branch)))
    with pytest.raises(NotTraceable, match=r"at module 'body\.choice': .*must not branch on tensor values") as raised:
        capture(network, 4)
    assert "\n" not in str(raised.value)


def test_a_branch_in_the_networks_own_forward_names_forward() -> None:
    with pytest.raises(NotTraceable, match=r"at its forward\(\): "):
        capture(Returns(_branch).eval(), 4)


def test_a_fixed_batch_size_is_refused() -> None:
    network = Chain(nn.ReLU()).eval()
    network.body = Lambda(lambda x: x.reshape(2, 4, 16))
    with pytest.raises(NotTraceable, match="accept any batch size at 4 px") as raised:
        capture(network, 4)
    assert "\n" not in str(raised.value)


def test_an_unsuitable_input_size_is_refused() -> None:
    with pytest.raises(NotTraceable, match=r"at module 'fc': .* at 8 px"):
        capture(Chain(nn.ReLU(), size=4).eval(), 8)


@pytest.mark.parametrize(
    ("make", "got"),
    [
        pytest.param(lambda y: (y, y.relu()), r"\(s\w+, 10\), \(s\w+, 10\)", id="tuple"),
        pytest.param(lambda y: {"logits": y, "features": y.exp()}, r"\(s\w+, 10\), \(s\w+, 10\)", id="dict"),
        pytest.param(lambda y: y[:, :, None], r"\(s\w+, 10, 1\)", id="three axes"),
        pytest.param(lambda y: y.sum(1), r"\(s\w+,\)", id="one axis"),
        pytest.param(lambda y: y.mean(0, keepdim=True), r"\(1, 10\)", id="one row for all images"),
        pytest.param(lambda y: y.reshape(-1, 5), r"\(2\*s\w+, 5\)", id="two rows for an image"),
        pytest.param(lambda y: None, "nothing", id="nothing"),
    ],
)
def test_an_output_other_than_one_row_of_logits_for_each_image_is_refused(make: Any, got: str) -> None:
    with pytest.raises(NotTraceable, match=rf"the network returns {got}: a classifier must return one tensor"):
        capture(Returns(make).eval(), 4)
