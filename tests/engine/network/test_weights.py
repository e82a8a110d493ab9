"""Weights files: every valid format is read, nothing is unpickled, and mismatches are named."""

from __future__ import annotations

import argparse
import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from neurflow.network.weights import digest, load_weights, outputs_in, read_weights
from neurflow.terms.errors import NetworkError


class Small(nn.Module):
    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.bn = nn.BatchNorm2d(width)
        self.fc = nn.Linear(width, classes)


def _small(classes: int = 3, width: int = 4) -> Small:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Small(classes, width)


def _same(state: dict[str, torch.Tensor], module: nn.Module) -> bool:
    own = module.state_dict()
    return state.keys() == own.keys() and all(torch.equal(state[key], own[key]) for key in own)


FORMS: dict[str, Callable[[dict[str, torch.Tensor]], Any]] = {
    "a state dict": lambda state: state,
    "a checkpoint": lambda state: {"epoch": 3, "state_dict": state, "optimizer": {"lr": 0.1}},
    "a model with the script's arguments": lambda state: {"model": state, "args": argparse.Namespace(lr=0.1)},
    "model_state_dict": lambda state: {"model_state_dict": state},
    "data parallel": lambda state: {f"module.{key}": value for key, value in state.items()},
    "compiled and parallel": lambda state: {
        "state_dict": {f"module._orig_mod.{key}": value for key, value in state.items()}
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_a_pickled_state_dict_is_read_in_its_usual_forms(form: str, tmp_path: Path) -> None:
    network = _small()
    torch.save(FORMS[form](network.state_dict()), tmp_path / "weights.pth")
    assert _same(read_weights(tmp_path / "weights.pth"), network)


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.bin"])
def test_safetensors_are_known_by_their_content(name: str, tmp_path: Path) -> None:
    network = _small()
    save_file(network.state_dict(), tmp_path / name)
    assert _same(read_weights(tmp_path / name), network)


def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.mkdir, (str(tmp_path / "run"),)

    torch.save({"conv.weight": Evil()}, tmp_path / "evil.pth")
    (tmp_path / "plain.pkl").write_bytes(pickle.dumps(Evil(), protocol=2))
    for name in ("evil.pth", "plain.pkl"):
        with pytest.raises(NetworkError, match=f"{name} hold no plain tensors or are damaged.*state_dict"):
            read_weights(tmp_path / name)
    assert not (tmp_path / "run").exists()


def test_a_whole_pickled_module_is_refused_with_the_remedy(tmp_path: Path) -> None:
    torch.save(_small(), tmp_path / "module.pth")
    with pytest.raises(NetworkError, match=r"objects are never unpickled: save the network's state_dict\(\)"):
        read_weights(tmp_path / "module.pth")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"epoch": 1}, "hold no state dict: no tensor under 'epoch'"),
        ([torch.zeros(1)], "hold a list instead of a state dict"),
        (torch.zeros(1), "hold a Tensor instead of a state dict"),
        ({0: torch.zeros(1)}, "no tensor under 0"),
        ({}, "are empty"),
    ],
)
def test_other_content_is_refused(content: Any, message: str, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "weights.pth")
    with pytest.raises(NetworkError, match=message):
        read_weights(tmp_path / "weights.pth")


def test_a_missing_file_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"absent\.pth cannot be opened: No such file"):
        read_weights(tmp_path / "absent.pth")
    with pytest.raises(NetworkError, match="cannot be opened: Is a directory"):
        read_weights(tmp_path)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("weights")
    save_file(_small().state_dict(), folder / "a.safetensors")
    torch.save(_small().state_dict(), folder / "a.pth")
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suffix=st.sampled_from([".safetensors", ".pth"]), share=st.floats(0, 1, exclude_max=True))
def test_a_truncated_file_is_a_clear_error(suffix: str, share: float, files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(files[suffix][: int(share * len(files[suffix]))])
    with pytest.raises(NetworkError) as caught:
        read_weights(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_saved_weights_are_read_back_exactly(tmp_path: Path) -> None:
    source, target = _small(), _small()
    nn.init.zeros_(target.conv.weight)
    save_file(source.state_dict(), tmp_path / "w.safetensors")
    load_weights(target, read_weights(tmp_path / "w.safetensors"), "w")
    assert _same(source.state_dict(), target)


def test_half_precision_is_converted_to_the_network_s_own() -> None:
    network = _small()
    load_weights(network, {key: value.half() for key, value in _small().state_dict().items()}, "w")
    assert network.conv.weight.dtype == torch.float32


def test_the_counter_of_batches_may_be_missing() -> None:
    state = {key: value for key, value in _small().state_dict().items() if "num_batches" not in key}
    assert len(state) == 8
    load_weights(_small(), state, "w")


def test_the_first_keys_that_differ_are_named_by_kind() -> None:
    state = {f"layer{number}.weight": torch.zeros(1) for number in range(5)} | _small(width=6).state_dict()
    del state["bn.weight"]
    with pytest.raises(NetworkError) as caught:
        load_weights(_small(width=4), state, "weights w.pth")
    message = str(caught.value)
    assert message.startswith("weights w.pth does not fit the network: missing bn.weight; unexpected ")
    assert "layer0.weight, layer1.weight, layer2.weight, … (5 in all)" in message
    assert (
        "wrong shape: conv.weight is 6×3×3×3 in the file, 4×3×3×3 in the network, conv.bias is 6 in the file" in message
    )


def test_the_number_of_classes_is_taken_from_the_last_layer() -> None:
    assert outputs_in(_small(7).state_dict(), _small(3), outputs=3) == 7
    assert outputs_in(_small(3).state_dict(), _small(3), outputs=3) is None
    assert outputs_in(_small(7, width=5).state_dict(), _small(3), outputs=3) is None
    assert outputs_in({}, _small(3), outputs=3) is None


def test_the_digest_covers_names_types_shapes_and_bytes() -> None:
    module = nn.Module()
    module.register_buffer("b", torch.tensor([1.0, 2.0]))
    module.register_buffer("a", torch.tensor(3, dtype=torch.int64))
    hashed = hashlib.sha256()
    hashed.update(b"a\0torch.int64\0()\0" + (3).to_bytes(8, "little"))
    hashed.update(b"b\0torch.float32\0(2,)\0" + bytes.fromhex("0000803f00000040"))
    assert digest(module) == f"sha256:{hashed.hexdigest()}"


def test_the_digest_distinguishes_weights_but_not_their_memory_layout() -> None:
    network, other = _small(), _small()
    assert digest(network) == digest(other.to(memory_format=torch.channels_last))
    with torch.no_grad():
        other.fc.bias[0] += 1e-6
    assert digest(network) != digest(other)
    assert digest(network.bfloat16()) != digest(_small())
