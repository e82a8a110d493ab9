"""Save finished stages of a trace on disk, so that an interrupted trace can resume.

The folder ``OUT.partial`` next to the output folder holds ``request.json`` (what the trace computes), the activation
tables (``activations.npz``) and ``layer-N.json`` for each finished layer. Each file is written under a temporary name,
then renamed; the request is written together with the first finished stage. Only the same request over the same
images can resume.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
from pydantic import TypeAdapter, ValidationError

from neurflow.method.activations import Table
from neurflow.method.walk import TracedNeuron
from neurflow.terms.errors import OutputError, StorageError

_NEURONS: TypeAdapter[tuple[TracedNeuron, ...]] = TypeAdapter(tuple[TracedNeuron, ...])
_REQUEST = "request.json"
_TABLES = "activations.npz"
_ASIDE = ".writing"


class Checkpoint:
    """The saved state of one trace."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, which need not exist yet."""
        self.folder = folder
        self._request = b"{}"

    @classmethod
    def beside(cls, out: Path) -> Checkpoint:
        """Return the checkpoint of the trace that writes to ``out``."""
        return cls(out.with_name(f"{out.name}.partial"))

    def exists(self) -> bool:
        """Return whether a finished stage is saved."""
        return (self.folder / _REQUEST).exists()

    def refuse_existing(self, resume: bool) -> None:
        """Check that the folder is free, or holds a state that may be resumed.

        Raises:
            OutputError: a saved state exists and ``resume`` is off, or the folder holds other files.
        """
        if self.exists():
            if not resume:
                raise OutputError(
                    f"{self.folder} holds an unfinished trace: resume it (--resume), or delete the folder"
                )
        elif self.folder.is_dir() and any(not path.name.endswith(_ASIDE) for path in self.folder.iterdir()):
            raise OutputError(
                f"{self.folder} is needed for the checkpoint of this trace but holds other files: "
                "move them, or choose another output folder (--out)"
            )

    def open(self, request: Mapping[str, Any], resume: bool) -> None:
        """Start a checkpoint, or resume the saved one.

        Args:
            request: everything that the result depends on, as JSON values.
            resume: resume a saved state if there is one.

        Raises:
            OutputError: a saved state exists and ``resume`` is off, it belongs to another request or is damaged, or
                the folder holds other files.
        """
        self.refuse_existing(resume)
        self._request = json.dumps(request, indent=1).encode()
        if self.exists():
            changed = _differences(self._stored_request(), json.loads(self._request))
            if changed:
                raise OutputError(
                    f"{self.folder} holds an unfinished trace that differs in {'; '.join(changed)}: "
                    "repeat the original request, or delete the folder"
                )

    def tables(self, layers: int) -> tuple[Table, ...] | None:
        """Load the activation tables; ``None`` if they are not finished."""
        path = self.folder / _TABLES
        if not path.exists():
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return tuple(stored[f"layer_{i}"] for i in range(layers))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise self._damaged(path) from error

    def save_tables(self, tables: tuple[Table, ...]) -> None:
        """Save the activation tables.

        Raises:
            StorageError: the folder cannot be written.
        """
        named: dict[str, Any] = {f"layer_{i}": table for i, table in enumerate(tables)}
        self._keep(_TABLES, lambda file: np.savez(file, **named))

    def layers(self) -> dict[int, tuple[TracedNeuron, ...]]:
        """Load the finished layers, by index."""
        finished = {}
        for path in self.folder.glob("layer-*.json"):
            try:
                finished[int(path.stem.removeprefix("layer-"))] = _NEURONS.validate_json(path.read_bytes())
            except (OSError, ValueError, ValidationError) as error:
                raise self._damaged(path) from error
        return finished

    def save_layer(self, layer: int, neurons: tuple[TracedNeuron, ...]) -> None:
        """Save a finished layer.

        Raises:
            StorageError: the folder cannot be written.
        """
        self._keep(f"layer-{layer}.json", lambda file: file.write(_NEURONS.dump_json(neurons)))

    def remove(self) -> None:
        """Delete the saved state, once the circuit is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self.exists():
                self._replace(_REQUEST, lambda file: file.write(self._request))
            self._replace(name, write)
        except OSError as error:
            with suppress(OSError):
                self.folder.rmdir()  # fails unless the folder is empty
            raise _unwritable(self.folder, error) from error

    def _replace(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        aside = self.folder / f".{name}{_ASIDE}"
        try:
            with aside.open("wb") as file:
                write(file)
            os.replace(aside, self.folder / name)
        finally:
            with suppress(OSError):
                aside.unlink(missing_ok=True)

    def _stored_request(self) -> dict[str, Any]:
        path = self.folder / _REQUEST
        try:
            stored = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise self._damaged(path) from error
        if not isinstance(stored, dict):
            raise self._damaged(path)
        return stored

    def _damaged(self, path: Path) -> OutputError:
        return OutputError(f"{path} is damaged: delete {self.folder} and trace again")


def _differences(before: Any, now: Any, path: str = "") -> list[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(key for key in now if key not in before)]
        return [d for key in keys for d in _differences(before.get(key), now.get(key), f"{path}.{key}".lstrip("."))]
    return [] if before == now else [f"{path} (saved: {before}, now: {now})"]


def _unwritable(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write {folder}: {error.strerror or error}; free disk space or choose another output folder (--out)"
    )
