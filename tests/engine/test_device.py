"""Which device is chosen, its precision and its batch size."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import torch

from neurflow.device import batch_rows, choose_device, exact, working_set
from neurflow.terms.errors import DeviceError
from tests.engine.networks import prepared


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine without GPUs, to which tests add some."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    return monkeypatch


def _with_cuda(machine: pytest.MonkeyPatch, count: int) -> None:
    machine.setattr(torch.cuda, "is_available", lambda: True)
    machine.setattr(torch.cuda, "device_count", lambda: count)


def _with_mps(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(torch.backends.mps, "is_available", lambda: True)


def test_auto_chooses_cuda_then_mps_then_the_cpu(machine: pytest.MonkeyPatch) -> None:
    assert choose_device("auto") == torch.device("cpu")
    _with_mps(machine)
    assert choose_device("auto") == torch.device("mps")
    _with_cuda(machine, 1)
    assert choose_device("auto") == torch.device("cuda")


def test_an_available_device_is_chosen_by_name(machine: pytest.MonkeyPatch) -> None:
    assert choose_device("cpu") == torch.device("cpu")
    _with_cuda(machine, 2)
    assert choose_device("cuda") == torch.device("cuda")
    assert choose_device("cuda:1") == torch.device("cuda:1")
    _with_mps(machine)
    assert choose_device("mps") == torch.device("mps")


@pytest.mark.parametrize("name", ["gpu", "", "cuda:x", "cuda:-1", "CPU 0", "0"])
@pytest.mark.usefixtures("machine")
def test_an_unknown_device_is_refused_with_the_choices(name: str) -> None:
    with pytest.raises(DeviceError, match=f"^device '{name}' is unknown: choose cpu, cuda, cuda:N, mps or auto$"):
        choose_device(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("cuda", "PyTorch finds no CUDA device; use cpu"),
        ("cuda:0", "PyTorch finds no CUDA device"),
        ("mps", "PyTorch finds no Apple GPU; use cpu"),
    ],
)
@pytest.mark.usefixtures("machine")
def test_an_unavailable_device_is_refused_with_the_remedy(name: str, why: str) -> None:
    with pytest.raises(DeviceError, match=f"^device '{name}' is not available: {why}"):
        choose_device(name)


def test_a_cuda_device_beyond_the_last_is_refused(machine: pytest.MonkeyPatch) -> None:
    _with_cuda(machine, 2)
    with pytest.raises(DeviceError, match="device 'cuda:2' is not available: PyTorch finds 2 CUDA devices"):
        choose_device("cuda:2")


@pytest.mark.parametrize("name", ["meta", "xpu"])
@pytest.mark.usefixtures("machine")
def test_an_unsupported_kind_of_device_is_refused(name: str) -> None:
    with pytest.raises(DeviceError, match=f"device '{name}' is not supported: choose cpu, cuda"):
        choose_device(name)


def _settings() -> tuple[bool, ...]:
    cudnn = torch.backends.cudnn
    return (
        torch.backends.cuda.matmul.allow_tf32,
        cudnn.enabled,
        cudnn.benchmark,
        cudnn.deterministic,
        cudnn.allow_tf32,
    )


@pytest.fixture(params=[True, False], ids=["fast", "plain"])
def before(request: pytest.FixtureRequest) -> Iterator[tuple[bool, ...]]:
    """The settings of a program that has chosen its own."""
    matmul, benchmark = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.benchmark
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.benchmark = request.param
    yield _settings()
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.benchmark = matmul, benchmark


def test_exact_sets_full_precision_and_restores_the_settings_even_after_an_exception(
    before: tuple[bool, ...],
) -> None:
    with exact(torch.device("cuda")):
        assert _settings() == (False, True, False, True, False)
    assert _settings() == before
    with pytest.raises(ZeroDivisionError), exact(torch.device("cuda")):
        raise ZeroDivisionError
    assert _settings() == before


def test_on_the_cpu_there_is_nothing_to_set() -> None:
    before = _settings()
    with exact(torch.device("cpu")):
        assert _settings() == before


def test_a_batch_keeps_the_largest_map_within_the_working_set() -> None:
    graph = prepared("resnet18").graph
    largest = max(math.prod(point.shape) for point in graph.cut_points)
    assert largest == 64 * 32 * 32
    rows = batch_rows(torch.device("cpu"), graph)
    assert rows * largest * 4 <= working_set(torch.device("cpu")) < (rows + 1) * largest * 4


def test_a_batch_has_at_least_four_images_and_at_most_256(monkeypatch: pytest.MonkeyPatch) -> None:
    assert batch_rows(torch.device("cpu"), prepared("residual_mlp").graph) == 256
    monkeypatch.setattr("neurflow.device.working_set", lambda device: 1)
    assert batch_rows(torch.device("cpu"), prepared("residual_mlp").graph) == 4


def test_a_gpu_takes_larger_batches() -> None:
    graph = prepared("resnet18").graph
    rows = [batch_rows(torch.device(kind), graph) for kind in ("cpu", "mps", "cuda")]
    assert rows == sorted(rows) and rows[0] < rows[1]
