"""Uploaded weights: files that the library writes are accepted; incomplete or damaged ones are refused early."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import safetensors
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neurflow_store.errors import BadUpload, WrongType
from neurflow_store.safetensors_check import check_safetensors

TENSORS = {
    "a": torch.arange(6.0).reshape(2, 3),
    "b": torch.tensor(3),
    "c": torch.zeros(0, 4),
    "d": torch.ones(5).half(),
}


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    return tmp_path / "weights.safetensors"


def write(path: Path, header: Any, data: bytes = b"", length: int | None = None) -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)


def entry(dtype: Any = "F32", shape: Any = (2,), start: Any = 0, stop: Any = 8) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def test_a_file_that_the_library_writes_is_accepted(upload: Path) -> None:
    safetensors.torch.save_file(TENSORS, upload, {"format": "pt"})
    assert check_safetensors(upload) == 4


@pytest.mark.parametrize(
    "dtype",
    [
        torch.bool,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
        torch.float8_e4m3fn,
        torch.float8_e5m2,
        torch.complex64,
    ],
    ids=str,
)
def test_each_data_type_is_known(upload: Path, dtype: torch.dtype) -> None:
    safetensors.torch.save_file({"a": torch.zeros(3, 5).to(dtype)}, upload)
    assert check_safetensors(upload) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 7,
        b"\0" * 100,
        b"PK\x03\x04" + bytes(100),
        b"\xff" * 100,
        pickle.dumps({"a": 1}, protocol=4),
        (1000).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
    ],
    ids=range(8),
)
def test_a_file_of_another_format_is_of_the_wrong_type(upload: Path, content: bytes) -> None:
    upload.write_bytes(content)
    with pytest.raises(WrongType, match=r"is not a safetensors file: save the network's state_dict\(\)"):
        check_safetensors(upload)


@pytest.mark.parametrize(
    ("header", "data", "says"),
    [
        ({}, b"", "contains no tensors"),
        ({"__metadata__": {"format": "pt"}}, b"", "contains no tensors"),
        ({"__metadata__": {"format": 1}, "a": entry()}, bytes(8), "__metadata__ contains values other than text"),
        ({"a": entry()}, bytes(7), "truncated or damaged: 7 bytes of tensors, not 8"),
        ({"a": entry()}, bytes(9), "truncated or damaged: 9 bytes"),
        ({"a": entry(), "b": entry(start=4, stop=12)}, bytes(12), "are not contiguous"),
        ({"a": entry(), "b": entry(start=12, stop=20)}, bytes(20), "are not contiguous"),
        ({"a": entry(start=8, stop=16)}, bytes(16), "are not contiguous"),
        ({"a": entry("PICKLE")}, bytes(8), "tensor 'a' lacks a valid type, shape or offset"),
        ({"a": entry(shape=[3])}, bytes(8), "tensor 'a' lacks a valid"),
        ({"a": entry(shape=[-1, -2])}, bytes(8), "tensor 'a' lacks a valid"),
        ({"a": entry(shape=[True, 2])}, bytes(8), "tensor 'a' lacks a valid"),
        ({"a": entry(shape=["2"])}, bytes(8), "tensor 'a' lacks a valid"),
        ({"a": entry(shape=[10**18] * 16)}, bytes(8), "tensor 'a' lacks a valid"),
        ({"a": entry(shape=[1] * 500 + [2])}, bytes(8), "tensor 'a' lacks a valid"),
        ({"a": entry(start=8, stop=0)}, bytes(8), "tensor 'a' lacks a valid"),
        ({"a": entry(start=-8, stop=0)}, bytes(8), "tensor 'a' lacks a valid"),
        ({"a": {"dtype": "F32"}}, bytes(8), "tensor 'a' lacks a valid"),
        ({"a": [1, 2]}, bytes(8), "tensor 'a' lacks a valid"),
        (b'{"a": 1, "a": 2}', b"", "duplicate name"),
        (b'{"a": ', b"", "header is damaged"),
        (b'{"a\xff": 1}', b"", "header is damaged"),
        (b'{"a": ' + b"[" * 100_000, b"", "header is damaged"),
        (b'{"a": ' + b"9" * 10_000 + b"}", b"", "header is damaged"),
        (b'{"x" : {}} {}', b"", "header is damaged"),
    ],
    ids=range(25),
)
def test_an_inconsistent_header_is_refused(upload: Path, header: Any, data: bytes, says: str) -> None:
    write(upload, header, data)
    with pytest.raises(BadUpload, match=says) as caught:
        check_safetensors(upload)
    assert len(str(caught.value)) < 400


def test_a_huge_header_is_not_read(upload: Path) -> None:
    with upload.open("wb") as stream:
        stream.write((3 * 1024**3).to_bytes(8, "little") + b"{")
        stream.truncate(4 * 1024**3)
    with pytest.raises(BadUpload, match="the safetensors header is 3,221,225,472 bytes long"):
        check_safetensors(upload)


def test_the_library_can_read_every_accepted_file(upload: Path) -> None:
    safetensors.torch.save_file(TENSORS, upload)
    whole = upload.read_bytes()
    end = 8 + int.from_bytes(whole[:8], "little")

    @given(st.lists(st.tuples(st.integers(0, end - 1), st.integers(0, 255)), min_size=1, max_size=3))
    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    def damaged(changes: list[tuple[int, int]]) -> None:
        data = bytearray(whole)
        for place, value in changes:
            data[place] = value
        upload.write_bytes(data)
        try:
            check_safetensors(upload)
        except BadUpload:
            return
        with safetensors.safe_open(upload, "pt") as found:
            assert len(found.keys()) == len(TENSORS)

    damaged()
