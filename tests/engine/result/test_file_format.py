"""Writing and reading a circuit: lossless, never half-written, nothing foreign accepted."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurflow.result import file_format
from neurflow.result.circuit import Circuit, Timing
from neurflow.result.circuit_json import decode, encode
from neurflow.result.file_format import (
    comparable,
    json_schema,
    load_circuit,
    save_circuit,
    schema_text,
    validate_circuit,
    validate_folder,
)
from neurflow.terms.errors import FormatError, OutputError, StorageError
from tests.engine.circuits import CIRCUIT, pictures_of

NAN = float("nan")


def with_activation(value: float) -> Circuit:
    first, *others = CIRCUIT.neurons
    return replace(CIRCUIT, neurons=(replace(first, activation=value), *others))


# Reading back


def test_a_saved_circuit_is_loaded_without_loss(saved: Path) -> None:
    assert load_circuit(saved) == load_circuit(str(saved)) == CIRCUIT
    assert validate_folder(saved) == CIRCUIT
    assert sorted(path.relative_to(saved).as_posix() for path in saved.rglob("*")) == [
        "circuit.json",
        "patches",
        "patches/000000.webp",
        "patches/000001.webp",
        "patches/000002.webp",
    ]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read_back_to_the_last_bit(value: float) -> None:
    loaded = decode(encode(with_activation(value))).neurons[0].activation
    assert loaded.hex() == value.hex()


@given(st.text(st.characters(codec="utf-8")))
def test_every_name_is_read_back(name: str) -> None:
    assert decode(encode(replace(CIRCUIT, engine_version=name))).engine_version == name


def test_the_same_circuit_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        save_circuit(CIRCUIT, pictures_of(CIRCUIT), tmp_path / name)
    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_numpy_numbers_are_written_as_numbers() -> None:
    circuit = validate_circuit(with_activation(np.float64(0.1)))
    assert type(circuit.neurons[0].activation) is float
    with pytest.raises(FormatError, match=r"np\.float32\(0\.5\), a float32: JSON cannot represent it"):
        validate_circuit(with_activation(np.float32(0.5)))  # type: ignore[arg-type]


def test_the_file_is_indented_for_reading(saved: Path) -> None:
    lines = (saved / "circuit.json").read_text("utf-8").splitlines()
    assert '  {"id": "cat/0001.png", "width": 64, "height": 48, "probability": 0.9},' in lines
    assert max(map(len, lines)) <= 140
    assert "dög" in "\n".join(lines)


def test_long_lists_fill_their_lines() -> None:
    classes = tuple(f"class number {number}" for number in range(1000))
    text = encode(replace(CIRCUIT, network=replace(CIRCUIT.network, classes=classes))).decode()
    assert json.loads(text)["network"]["classes"] == list(classes)
    assert text.count("\n") < 500


def test_small_pictures_are_stored_without_loss(saved: Path) -> None:
    for file, picture in pictures_of(CIRCUIT).items():
        with PIL.Image.open(saved / file) as loaded:
            assert loaded.format == "WEBP"
            assert np.array_equal(np.asarray(loaded.convert("RGB")), np.asarray(picture))


def test_pictures_are_stored_without_metadata(tmp_path: Path) -> None:
    pictures = pictures_of(CIRCUIT)
    for picture in pictures.values():
        picture.info = {"exif": b"Exif\0\0secret", "icc_profile": b"secret", "xmp": b"secret"}
    save_circuit(CIRCUIT, pictures, tmp_path / "cat")
    assert all(b"secret" not in path.read_bytes() for path in (tmp_path / "cat" / "patches").iterdir())


# Comparing


def test_circuits_that_differ_in_timings_only_compare_equal(saved: Path) -> None:
    other = replace(CIRCUIT, timings=(Timing("activations", 99.0),))
    assert encode(other) != encode(CIRCUIT)
    assert comparable(other) == comparable(CIRCUIT) == comparable((saved / "circuit.json").read_bytes())
    assert comparable(with_activation(7)) == comparable(with_activation(7.0)) != comparable(CIRCUIT)


# The schema


def test_the_shipped_schema_is_up_to_date() -> None:
    shipped = Path(file_format.__file__).with_name("circuit.schema.json").read_text("utf-8")
    assert shipped == schema_text(), "run `make schema`"


def test_the_schema_accepts_a_circuit_and_refuses_others() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    tree = json.loads(encode(CIRCUIT))
    validator.validate(tree)
    changes: list[dict[str, Any]] = [{"format": "onnx"}, {"format_version": 2}, {"surprise": 1}, {"parameters": {}}]
    for change in changes:
        assert not validator.is_valid({**tree, **change})
    assert json_schema()["$defs"]["Neuron"]["description"].startswith("A neuron of the circuit")


# Writing


def test_an_existing_folder_is_left_unchanged(saved: Path) -> None:
    before = {path: path.read_bytes() for path in saved.rglob("*.*")}
    with pytest.raises(OutputError, match="cat exists: choose another folder, or delete it first"):
        save_circuit(CIRCUIT, pictures_of(CIRCUIT), saved)
    assert before == {path: path.read_bytes() for path in saved.rglob("*.*")}


def test_parent_folders_are_made_and_a_dangling_link_counts_as_existing(tmp_path: Path) -> None:
    save_circuit(CIRCUIT, pictures_of(CIRCUIT), tmp_path / "a" / "b" / "cat")
    assert load_circuit(tmp_path / "a" / "b" / "cat") == CIRCUIT
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="link exists"):
        save_circuit(CIRCUIT, pictures_of(CIRCUIT), tmp_path / "link")


@pytest.mark.parametrize("value", [NAN, float("inf"), -float("inf")])
def test_nan_and_infinity_are_never_written(tmp_path: Path, value: float) -> None:
    with pytest.raises(FormatError, match=r"neurons\[0\]\.activation: "):
        save_circuit(with_activation(value), pictures_of(CIRCUIT), tmp_path / "cat")
    assert list(tmp_path.iterdir()) == []


def test_pictures_must_be_those_of_the_exemplars(tmp_path: Path) -> None:
    pictures = pictures_of(CIRCUIT)
    pictures["patches/more.webp"] = pictures.pop("patches/000001.webp")
    with pytest.raises(FormatError) as caught:
        save_circuit(CIRCUIT, pictures, tmp_path / "cat")
    assert str(caught.value) == (
        "no picture is given for 'patches/000001.webp'; 'patches/more.webp' is a picture that no exemplar uses"
    )
    assert list(tmp_path.iterdir()) == []


def test_text_that_utf8_cannot_encode_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"UTF-8 cannot.*caf\\udce9\.png.*: rename"):
        save_circuit(replace(CIRCUIT, engine_version="caf\udce9.png"), pictures_of(CIRCUIT), tmp_path / "cat")
    assert list(tmp_path.iterdir()) == []


class Failing(Mapping[str, PIL.Image.Image]):
    """Pictures of which the last one raises."""

    def __init__(self, error: BaseException) -> None:
        self.pictures, self.error = pictures_of(CIRCUIT), error

    def __getitem__(self, file: str) -> PIL.Image.Image:
        if file == max(self.pictures):
            raise self.error
        return self.pictures[file]

    def __iter__(self) -> Iterator[str]:
        return iter(self.pictures)

    def __len__(self) -> int:
        return len(self.pictures)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("image file is truncated"), ValueError()], ids=repr)
def test_an_interrupted_save_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        save_circuit(CIRCUIT, Failing(error), tmp_path / "cat")
    assert caught.value is error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("writes", range(4))
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    left, flush = [None] * writes, os.fsync

    def fsync(descriptor: int) -> None:
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left.pop()
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageError, match="/cat cannot be written, the disk is full: free disk space"):
        save_circuit(CIRCUIT, pictures_of(CIRCUIT), tmp_path / "cat")
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cat cannot be written, not a directory: choose a writable folder"):
        save_circuit(CIRCUIT, pictures_of(CIRCUIT), tmp_path / "file" / "cat")


def test_a_folder_made_meanwhile_by_another_process_is_left_unchanged(tmp_path: Path) -> None:
    class Meddling(Failing):
        def __getitem__(self, file: str) -> PIL.Image.Image:
            (tmp_path / "cat" / "theirs").mkdir(parents=True, exist_ok=True)
            return self.pictures[file]

    with pytest.raises(OutputError, match="cat exists"):
        save_circuit(CIRCUIT, Meddling(ValueError()), tmp_path / "cat")
    assert [path.name for path in tmp_path.rglob("*")] == ["cat", "theirs"]
