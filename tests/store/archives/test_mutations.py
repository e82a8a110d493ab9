"""Archives damaged anywhere are refused with a reason or read unchanged."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from neurflow.result.circuit_json import encode
from neurflow_store.archives import check_archive, unpack
from neurflow_store.errors import BadUpload
from neurflow_store.exports import bundle
from neurflow_store.installation.settings import Settings
from tests.engine.circuits import CIRCUIT
from tests.store.archives.checking import Pack, files, packed
from tests.store.archives.hostile import PNG
from tests.store.archives.mutations import mutated


def _bundle() -> bytes:
    chance = random.Random(3)  # noqa: S311 - no secret
    pictures: dict[str, bundle.Source] = {f"patches/{n:06d}.webp": chance.randbytes(300) for n in range(3)}
    images: dict[int, bundle.Source] = {n: chance.randbytes(300) for n in range(2)}
    out = io.BytesIO()
    bundle.write_zip(out, bundle.bundle_files(encode(CIRCUIT), pictures, images, "cat-7k2m9", "Cats"))
    return out.getvalue()


def _content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files(folder)}


def test_a_damaged_bundle_is_refused_or_read_unchanged(tmp_path: Path) -> None:
    upload, whole = tmp_path / "upload", _bundle()
    upload.write_bytes(whole)
    label = bundle.read_label(upload)
    content = _content(bundle.read_bundle(upload, tmp_path / "whole").folder)
    refused = 0
    for number, (what, data) in enumerate(mutated(whole, 11, 60)):
        upload.write_bytes(data)
        try:
            read = bundle.read_label(upload)
            folder = bundle.read_bundle(upload, tmp_path / f"{number}").folder
        except BadUpload as refusal:
            refused += 1
            assert str(refusal).isprintable(), what
            assert not (tmp_path / f"{number}").exists(), what
        else:
            assert read == label, what
            assert _content(folder) == content, what
    assert refused > 600


@packed
def test_a_damaged_archive_is_refused_or_read(tmp_path: Path, upload: Path, limits: Settings, pack: Pack) -> None:
    chance = random.Random(4)  # noqa: S311 - no secret
    pack(upload, {f"{name}/{n}.png": PNG + chance.randbytes(200) for name in ("cat", "dog") for n in range(3)})
    whole = upload.read_bytes()
    checked = whole.startswith(b"PK")
    unpack(upload, tmp_path / "whole", limits)
    content = _content(tmp_path / "whole")
    refused = 0
    for number, (what, data) in enumerate(mutated(whole, 12, 15)):
        upload.write_bytes(data)
        folder = tmp_path / f"{number}"
        try:
            read = check_archive(upload, limits)
        except BadUpload as refusal:
            refused += 1
            assert str(refusal).isprintable(), what
            with pytest.raises(BadUpload):
                unpack(upload, folder, limits)
            assert not folder.exists(), what
        else:
            unpack(upload, folder, limits)
            assert len(files(folder)) == read.images, what
            # A plain tar file has no checksums of its members' content.
            if checked:
                assert _content(folder) == content, what
    assert refused > (150 if checked else 40)
