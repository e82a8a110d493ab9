"""A small sound file for each upload route and format, from which mutated ones are made."""

from __future__ import annotations

import io
import random
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import PIL.Image
import torch
from fastapi.testclient import TestClient
from safetensors.torch import save

from neurflow.data.folder_dataset import FolderDataset
from neurflow.data.image_reading import read_image
from neurflow.network.weights import read_weights
from neurflow.result.file_format import validate_folder
from neurflow_store.archives import unpack
from neurflow_store.exports.bundle import read_bundle
from neurflow_store.installation.settings import Settings
from tests.store.stored_circuit import CIRCUIT_ID

UPLOADS = "/api/v1/uploads"
Read = Callable[[Path, Path, Settings], object]
"""Reads a file as a worker does: the file, a new folder, the settings."""


@dataclass(frozen=True)
class Sound:
    """A file, how it is sent, and how a worker reads it.

    ``path`` is the route's address and ``method`` the request's; without ``form`` the file is the whole body.
    """

    name: str
    data: bytes
    path: str
    read: Read
    form: Mapping[str, str] | None = None
    method: str = "POST"

    @property
    def route(self) -> str:
        """The route in a few words."""
        return "views/picture" if self.method == "PUT" else self.path.removeprefix(UPLOADS).partition("?")[0].strip("/")


def sound_files(client: TestClient, view: str) -> list[Sound]:
    """Return a file for each route and format.

    Args:
        client: of an application that holds the circuit of ``tests.store.stored_circuit``.
        view: id of a view of that circuit.
    """
    bundle = client.get(f"/api/v1/circuits/{CIRCUIT_ID}/export/zip").content
    chance = random.Random(1)  # noqa: S311 - no secret
    pictures = {f"{name}/{n}.png": _image("PNG", chance) for name in ("cat", "dog") for n in range(2)}
    weights = save({"conv": torch.zeros(4, 3), "fc.bias": torch.ones(5)})
    archives = [_zip(pictures), *(_tar(pictures, mode) for mode in ("w", "w:gz", "w:bz2", "w:xz"))]
    kinds = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "AVIF", "JPEG2000", "ICO")
    analysis = f"{UPLOADS}/analyses?wait=0"
    return [
        *(Sound(f"bundle {n}", bundle, f"{UPLOADS}/circuits", _bundle, {}) for n in range(2)),
        *(Sound(f"archive {n}", data, f"{UPLOADS}/datasets", _archive, {}) for n, data in enumerate(archives)),
        Sound("weights", weights, f"{UPLOADS}/networks", _weights, {"spec": "torchvision/resnet18"}),
        *(Sound(kind, _image(kind, chance), analysis, _picture, {"circuit": CIRCUIT_ID}) for kind in kinds),
        *(
            Sound(f"view {kind}", _image(kind, chance), f"/api/v1/views/{view}/picture", _picture, None, "PUT")
            for kind in ("PNG", "WEBP")
        ),
    ]


def _bundle(file: Path, folder: Path, settings: Settings) -> None:
    validate_folder(read_bundle(file, folder).folder)


def _archive(file: Path, folder: Path, settings: Settings) -> None:
    unpack(file, folder, settings)
    FolderDataset(folder, "folder/mutated")


def _weights(file: Path, folder: Path, settings: Settings) -> None:
    read_weights(file.rename(file.with_suffix(".safetensors")))


def _picture(file: Path, folder: Path, settings: Settings) -> None:
    read_image(file, "mutated")


def _image(kind: str, chance: random.Random) -> bytes:
    stream = io.BytesIO()
    PIL.Image.frombytes("RGB", (16, 12), chance.randbytes(16 * 12 * 3)).save(stream, kind)
    return stream.getvalue()


def _zip(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _tar(files: Mapping[str, bytes], mode: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload] # any of its modes
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()
