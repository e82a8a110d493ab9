"""Reading a circuit from an untrusted folder: foreign content is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neurflow.result import file_format
from neurflow.result.file_format import (
    load_circuit,
    validate_folder,
)
from neurflow.terms.errors import FormatError
from tests.engine.circuits import CIRCUIT

NAN = float("nan")


# Arbitrary content


def refusal(folder: Path) -> str:
    with pytest.raises(FormatError) as caught:
        validate_folder(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff\xfe{}", "is not UTF-8 at byte 0"),
        (b"\x80\x04\x95K\x01.", "is not UTF-8 at byte 0"),
        (b'{"format": "caf\xe9"}', "is not UTF-8 at byte 15"),
        (b"[]", "the whole file: input should be a"),
        (b"null", "the whole file: input should be a"),
        (b"{}", "format: None is not 'neurflow-circuit'"),
    ],
)
def test_a_file_that_is_not_a_circuit_is_refused(saved: Path, content: bytes, expected: str) -> None:
    (saved / "circuit.json").write_bytes(content)
    assert refusal(saved).startswith(f"{saved / 'circuit.json'}: {expected}")


def test_a_missing_folder_or_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere") == f"{tmp_path / 'nowhere' / 'circuit.json'}: does not exist"
    (tmp_path / "circuit.json").mkdir()
    assert refusal(tmp_path).endswith("circuit.json: is not a regular file")
    (tmp_path / "circuit.json").rmdir()
    os.mkfifo(tmp_path / "circuit.json")
    assert refusal(tmp_path).endswith("circuit.json: is not a regular file")


def test_a_huge_file_is_not_read(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_format, "MOST_BYTES", (saved / "circuit.json").stat().st_size - 1)
    assert "is larger than" in refusal(saved)
    monkeypatch.setattr(file_format, "MOST_BYTES", (saved / "circuit.json").stat().st_size)
    validate_folder(saved)


@pytest.mark.parametrize("file", ["circuit.json", "patches/000001.webp"])
def test_a_link_may_point_inside_the_folder_but_not_outside(saved: Path, file: str) -> None:
    path = saved / file
    inside, outside = saved / "moved", saved.parent / "moved"
    path.rename(inside)
    path.symlink_to(inside)
    validate_folder(saved)
    inside.rename(outside)
    path.unlink()
    path.symlink_to(outside)
    assert "is a link that leads outside the folder" in refusal(saved)
    path.unlink()
    path.symlink_to(path)
    assert f"{path}" in refusal(saved)


def test_missing_pictures_and_other_formats_are_named(saved: Path) -> None:
    (saved / "patches" / "000000.webp").unlink()
    (saved / "patches" / "000002.webp").write_bytes(b"GIF89a")
    assert refusal(saved) == (
        f"groups[1].exemplars[0].file: {saved}/patches/000000.webp does not exist; "
        f"groups[0].exemplars[0].file: {saved}/patches/000002.webp is not a WebP picture"
    )
    assert load_circuit(saved) == CIRCUIT


def test_a_folder_may_be_reached_through_a_link(saved: Path) -> None:
    (saved.parent / "link").symlink_to(saved)
    assert validate_folder(saved.parent / "link") == CIRCUIT
