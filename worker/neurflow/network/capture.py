"""Capture a network as a functional graph of tensor operations.

1. Export the network with ``torch.export`` in eval mode, with a dynamic batch size.
2. Make it functional: no operation writes into another's result.
3. Evaluate once what depends on neither the image nor the batch size (attention masks, position tables).
4. Replace ``view`` by ``reshape``, which accepts any memory layout, and the eval-mode batch norm with three results by
   the one with a single result.

The result is a :class:`torch.fx.Graph` whose parameters share memory with the network and need no gradient.
"""

from __future__ import annotations

import contextlib
import operator
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from neurflow.terms.errors import NotTraceable

aten = torch.ops.aten

# These read a tensor's type or size, not its values.
_SHAPE_ONLY = {aten.new_zeros.default, aten.new_ones.default, aten.zeros_like.default, aten.ones_like.default}
_VIEWS = {aten.view.default, aten._unsafe_view.default}
_COPIES = {aten.clone.default, aten.alias.default, aten.detach.default, aten.contiguous.default}


@dataclass(frozen=True)
class Captured:
    """A network as a graph.

    Attributes:
        graph: placeholder, ``get_attr`` of names in ``tensors``, functional operations, output.
        tensors: parameters and constants by name, detached; parameters share memory with the network.
        source: the input, ``(N, 3, S, S)``.
        result: the logits, ``(N, classes)``.
        dependent: nodes whose values depend on the input's values.
    """

    graph: fx.Graph
    tensors: dict[str, Tensor]
    source: fx.Node
    result: fx.Node
    dependent: frozenset[fx.Node]


def capture(network: nn.Module, input_size: int) -> Captured:
    """Export ``network`` for inputs ``(N, 3, input_size, input_size)``.

    The network must be in eval mode; it is not changed.

    Raises:
        NotTraceable: the network cannot be exported or does not return one tensor ``(N, classes)``; names the module.
    """
    exported = _export(network, input_size)
    return _Rebuild(exported).build()


def _export(network: nn.Module, input_size: int) -> torch.export.ExportedProgram:
    parameter = next(network.parameters(), None)
    device = parameter.device if parameter is not None else torch.device("cpu")
    example = torch.zeros(2, 3, input_size, input_size, device=device)
    entered: list[str] = []
    try:
        with _quiet(), _track_modules(network, entered), torch.no_grad():
            exported = torch.export.export(network, (example,), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
            del entered[:]
            functional: torch.export.ExportedProgram = exported.run_decompositions({})
            return functional
    except Exception as error:
        where = f"module {entered[-1]!r}" if entered and entered[-1] else "its forward()"
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise NotTraceable(
            f"the network cannot be captured as a graph at {where}: {reason}. "
            f"Its forward must not branch on tensor values and must accept any batch size at {input_size} px"
        ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence torch.export's warnings about its own internals, which callers cannot act on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _track_modules(network: nn.Module, entered: list[str]) -> Iterator[None]:
    """Record the names of the modules being run, innermost last; a failing module stays on the list."""
    handles = []

    def enter(name: str) -> Callable[..., None]:
        return lambda module, args: entered.append(name)

    def leave(module: nn.Module, args: Any, output: Any) -> None:
        entered.pop()

    try:
        for name, module in network.named_modules():
            handles.append(module.register_forward_pre_hook(enter(name)))
            handles.append(module.register_forward_hook(leave))
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Rebuild:
    """Copies an exported graph node by node into a functional one and folds constants."""

    def __init__(self, exported: torch.export.ExportedProgram) -> None:
        with _quiet():
            self.module = exported.module(check_guards=False)
        assert isinstance(self.module, fx.GraphModule)
        self.graph = fx.Graph()
        self.tensors: dict[str, Tensor] = {}
        self.constants: dict[fx.Node, Tensor] = {}
        self.new: dict[fx.Node, fx.Node] = {}
        self.dependent: set[fx.Node] = set()
        self.source: fx.Node | None = None

    def build(self) -> Captured:
        result: fx.Node | None = None
        for node in self.module.graph.nodes:
            if node.op == "placeholder":
                self.source = self.new[node] = self.graph.node_copy(node)
                self.dependent.add(self.source)
            elif node.op == "get_attr":
                self._constant(node, _attribute(self.module, node.target).detach())
            elif node.op == "output":
                result = self._output(node)
            elif node.op == "call_function":
                self._operation(node)
        assert self.source is not None and result is not None
        self.graph.output(result)
        self.graph.eliminate_dead_code()
        alive = set(self.graph.nodes)
        dependent = frozenset(self.dependent & alive)
        used = {str(node.target) for node in alive if node.op == "get_attr"}
        tensors = {name: tensor for name, tensor in self.tensors.items() if name in used}
        return Captured(self.graph, tensors, self.source, result, dependent)

    def _operation(self, node: fx.Node) -> None:
        target = node.target
        if target in _COPIES or (target is operator.getitem and _is_batch_norm(node.args[0])):
            self._alias(node)
        elif target is aten.sym_size.int:
            # The batch is the only dynamic size and the first of the input's.
            self.new[node] = self.graph.call_function(aten.sym_size.int, (self.source, 0))
        elif self._foldable(node):
            self._constant(node, self._evaluate(node))
        else:
            self._copy(node)

    def _alias(self, node: fx.Node) -> None:
        original = node.args[0]
        assert isinstance(original, fx.Node)
        self.new[node] = self.new[original]
        if original in self.constants:
            self.constants[node] = self.constants[original]
        if self.new[original] in self.dependent:
            self.new[original].meta.setdefault("copied_in", []).append(node.meta.get("nn_module_stack") or {})

    def _copy(self, node: fx.Node) -> None:
        copy = self.graph.node_copy(node, lambda old: self.new[old])
        if node.target in _VIEWS:
            copy.target = aten.reshape.default
        elif _is_batch_norm(node):
            values = copy.args
            copy.target = aten.batch_norm.default
            copy.args = (*values[:5], False, *values[5:7], False)
            copy.meta["val"] = node.meta["val"][0]
        self.new[node] = copy
        if node.target not in _SHAPE_ONLY and any(self.new[old] in self.dependent for old in node.all_input_nodes):
            self.dependent.add(copy)

    def _foldable(self, node: fx.Node) -> bool:
        if not isinstance(node.meta.get("val"), Tensor):
            return False
        if node.target in _SHAPE_ONLY:
            return all(isinstance(size, int) for size in node.meta["val"].shape)
        return all(old in self.constants for old in node.all_input_nodes)

    def _evaluate(self, node: fx.Node) -> Tensor:
        if node.target in _SHAPE_ONLY:
            value = node.meta["val"]
            ones = node.target in (aten.new_ones.default, aten.ones_like.default)
            return torch.full(tuple(value.shape), float(ones), dtype=value.dtype, device=value.device)
        args = fx.node.map_arg(node.args, lambda old: self.constants[old])
        kwargs = fx.node.map_arg(node.kwargs, lambda old: self.constants[old])
        operation = aten.reshape.default if node.target in _VIEWS else node.target
        assert callable(operation)
        with torch.no_grad():
            result = operation(*args, **kwargs)
        assert isinstance(result, Tensor)
        return result

    def _constant(self, node: fx.Node, value: Tensor) -> None:
        name = f"t{len(self.tensors)}"
        self.tensors[name] = value
        self.constants[node] = value
        self.new[node] = self.graph.get_attr(name)

    def _output(self, node: fx.Node) -> fx.Node:
        (values,) = node.args
        results = [values] if isinstance(values, fx.Node) else list(values)  # type: ignore[arg-type]
        value = results[0].meta.get("val") if len(results) == 1 and isinstance(results[0], fx.Node) else None
        if not isinstance(value, Tensor) or value.dim() != 2 or not self._is_batch(value.shape[0]):
            got = ", ".join(str(tuple(r.meta["val"].shape)) for r in results if isinstance(r, fx.Node)) or "nothing"
            raise NotTraceable(f"the network returns {got}: a classifier must return one tensor (images, classes)")
        return self.new[results[0]]

    def _is_batch(self, size: Any) -> bool:
        assert self.source is not None
        return str(size) == str(self.source.meta["val"].shape[0])


def _is_batch_norm(node: Any) -> bool:
    return isinstance(node, fx.Node) and node.target is aten._native_batch_norm_legit_no_training.default


def _attribute(module: nn.Module, target: Any) -> Tensor:
    value: Any = module
    for part in str(target).split("."):
        value = getattr(value, part)
    assert isinstance(value, Tensor)
    return value
