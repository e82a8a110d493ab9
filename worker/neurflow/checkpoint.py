"""What a trace has finished, on disk, so that an interrupted one can be taken up again.

A folder ``OUT.partial`` beside the circuit's place holds ``request.json`` (what was asked for), the activation tables
(``activations.npz``) and ``layer-N.json`` for each finished layer. Each file is written aside and renamed. A state is
taken up only by the same request over the same images.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from pydantic import TypeAdapter, ValidationError

from neurflow.activations import Table
from neurflow.errors import OutputError, StorageError
from neurflow.walk import TracedNeuron

_NEURONS: TypeAdapter[tuple[TracedNeuron, ...]] = TypeAdapter(tuple[TracedNeuron, ...])
_REQUEST = "request.json"
_TABLES = "activations.npz"


class Checkpoint:
    """The resumable state of one trace."""

    def __init__(self, folder: Path) -> None:
        """A state in ``folder``, which need not exist yet."""
        self.folder = folder

    @classmethod
    def beside(cls, out: Path) -> Checkpoint:
        """The state of the trace that is to write ``out``."""
        return cls(out.with_name(f"{out.name}.partial"))

    def open(self, request: Mapping[str, Any], resume: bool) -> None:
        """Begin, or take up what was begun.

        Args:
            request: everything that the result depends on, as JSON values.
            resume: whether an earlier state may be taken up. There need not be one.

        Raises:
            OutputError: a state exists and ``resume`` is off, or it belongs to another request.
            StorageError: the folder cannot be written.
        """
        path = self.folder / _REQUEST
        if self.folder.exists() and not resume:
            raise OutputError(
                f"{self.folder} holds an unfinished trace: take it up with --resume, or delete the folder"
            )
        if path.exists():
            changed = _differences(self._read_json(path), json.loads(json.dumps(request)))
            if changed:
                raise OutputError(
                    f"{self.folder} holds an unfinished trace that differs in {'; '.join(changed)}: "
                    "ask for the same, or delete the folder"
                )
            return
        self._write(_REQUEST, json.dumps(request, indent=1).encode())

    def tables(self, layers: int) -> tuple[Table, ...] | None:
        """The activation tables, if they are finished."""
        path = self.folder / _TABLES
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as stored:
                return tuple(stored[f"layer_{i}"] for i in range(layers))
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise self._damaged(path) from error

    def save_tables(self, tables: tuple[Table, ...]) -> None:
        """Keep the activation tables."""
        path = self._aside(_TABLES)
        try:
            with path.open("wb") as file:
                np.savez(file, **{f"layer_{i}": table for i, table in enumerate(tables)})  # type: ignore[arg-type]
            os.replace(path, self.folder / _TABLES)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def layers(self) -> dict[int, tuple[TracedNeuron, ...]]:
        """The finished layers by index."""
        finished = {}
        for path in self.folder.glob("layer-*.json"):
            try:
                finished[int(path.stem.removeprefix("layer-"))] = _NEURONS.validate_json(path.read_bytes())
            except (OSError, ValueError, ValidationError) as error:
                raise self._damaged(path) from error
        return finished

    def save_layer(self, layer: int, neurons: tuple[TracedNeuron, ...]) -> None:
        """Keep a finished layer."""
        self._write(f"layer-{layer}.json", _NEURONS.dump_json(neurons))

    def remove(self) -> None:
        """Delete the state: the circuit is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name: str, content: bytes) -> None:
        path = self._aside(name)
        try:
            path.write_bytes(content)
            os.replace(path, self.folder / name)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def _aside(self, name: str) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        return self.folder / f".{name}.writing"

    def _read_json(self, path: Path) -> Any:
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise self._damaged(path) from error

    def _damaged(self, path: Path) -> OutputError:
        return OutputError(f"{path} is damaged: delete {self.folder} and trace again")


def _differences(before: Any, now: Any, path: str = "") -> list[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(key for key in now if key not in before)]
        return [d for key in keys for d in _differences(before.get(key), now.get(key), f"{path}.{key}".lstrip("."))]
    return [] if before == now else [f"{path} ({before} there, {now} now)"]


def _unwritable(folder: Path, error: OSError) -> StorageError:
    return StorageError(f"cannot write {folder}: {error.strerror or error}; free some space or choose another --out")
