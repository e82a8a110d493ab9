"""What traced and imported circuits share: sheets of exemplars, and the rows that replace an earlier result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import PIL.Image
from sqlalchemy.orm import Session

from neurflow.result.circuit import Circuit
from neurflow_store.clock import database_now
from neurflow_store.repositories import results
from neurflow_store.sharing import following
from neurflow_worker.jobs.circuit_rows import Pictures, columns, number_of, parts
from neurflow_worker.jobs.pictures import TILE, WEBP, sheet
from neurflow_worker.running.saving import Saver

JSON: Final = "application/json"


def pictures_of(
    circuit: Circuit,
    saver: Saver,
    exemplars: Mapping[str, str],
    images: Mapping[int, str],
    pixels: Mapping[str, PIL.Image.Image],
    file: bytes,
) -> Pictures:
    """Collect all stored files of a circuit, and create the sheets of its layers.

    Args:
        circuit: the circuit.
        saver: stores the sheets and the file.
        exemplars: digests by ``file``.
        images: digests by position.
        pixels: exemplar pictures by ``file``; accessed one by one.
        file: content of ``circuit.json``.
    """
    sheets: dict[int, str] = {}
    for position, layer in enumerate(circuit.layers):
        groups = sorted((group for group in circuit.groups if group.layer == layer.name), key=number_of)
        data = sheet([[pixels[exemplar.file] for exemplar in group.exemplars] for group in groups])
        if data is not None:
            sheets[position] = saver.put(data, WEBP)
    return Pictures(saver.put(file, JSON), exemplars, images, sheets, TILE)


def replace_with(
    circuit_id: str, circuit: Circuit, pictures: Pictures, saver: Saver, **also: Any
) -> Callable[[Session], None]:
    """Return a function that replaces a circuit's earlier result; ``also`` holds further columns of its row."""
    return partial(_replace, circuit_id, columns(circuit, pictures) | also, parts(circuit, pictures), saver)


def _replace(circuit_id: str, values: Mapping[str, Any], rows: results.Rows, saver: Saver, session: Session) -> None:
    saver.record(session)
    following.replace_result(session, circuit_id, {**values, "computed_at": database_now(session)}, rows)
