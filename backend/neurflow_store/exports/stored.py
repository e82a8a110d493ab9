"""Export of a stored circuit in any of the formats."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from sqlalchemy.orm import Session

from neurflow_store.artifacts import ArtifactStore
from neurflow_store.errors import Conflict, NotFound
from neurflow_store.exports import bundle, graphml, parts, tables
from neurflow_store.exports.attribution_graph import attribution_graph
from neurflow_store.repositories import circuits, groups
from neurflow_store.tables import Circuit

_CHUNK: Final = 256 * 1024
_IN_MEMORY: Final = 16 * 1024 * 1024


class Form(StrEnum):
    """Format of an export."""

    JSON = "json"
    """``circuit.json``, as the engine wrote it."""
    ZIP = "zip"
    """The bundle of :mod:`neurflow_store.exports.bundle`, with pictures, which can be imported again."""
    GRAPHML = "graphml"
    """Groups and edges, for graph programs."""
    CSV = "csv"
    """A zip archive of tables."""
    ATTRIBUTION_GRAPH = "attribution-graph"
    """The graph that Neuronpedia and circuit-tracer's viewer read."""


@dataclass(frozen=True)
class ExportFile:
    """A file to download: a name that is safe in headers and file systems, and its bytes."""

    name: str
    media_type: str
    size: int
    stream: IO[bytes]

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes in pieces, once; the stream is closed at the end."""
        with self.stream:
            while chunk := self.stream.read(_CHUNK):
                yield chunk

    def read(self) -> bytes:
        """Return all bytes, once."""
        return b"".join(self.chunks())


def export(session: Session, store: ArtifactStore, circuit_id: str, form: Form) -> ExportFile:
    """Export a circuit as a file.

    Raises:
        NotFound: the circuit does not exist.
        Conflict: it has no result yet.
    """
    circuit = _computed(session, circuit_id)
    return _WRITERS[form](session, store, circuit)


def bundle_files(session: Session, store: ArtifactStore, circuit_id: str) -> list[tuple[str, bundle.Source]]:
    """Return the files of a circuit's bundle by name; pictures are opened when they are read.

    Raises:
        NotFound: the circuit does not exist.
        Conflict: it has no result yet.
    """
    return _bundle_files(session, store, _computed(session, circuit_id))


def _computed(session: Session, circuit_id: str) -> Circuit:
    circuit = session.get(Circuit, circuit_id)
    if circuit is None:
        raise NotFound(f"no circuit {circuit_id!r}")
    if circuit.file is None:
        raise Conflict(f"circuit {circuit_id!r} has no result yet: wait until its job has succeeded")
    return circuit


def _circuit_json(store: ArtifactStore, circuit: Circuit) -> bytes:
    assert circuit.file is not None
    with store.open(circuit.file) as stream:
        return stream.read()


def _bundle_files(session: Session, store: ArtifactStore, circuit: Circuit) -> list[tuple[str, bundle.Source]]:
    circuit_json = _circuit_json(store, circuit)
    digests = groups.exemplar_pictures(session, circuit.id)
    pictures: dict[str, bundle.Source] = {
        exemplar["file"]: partial(store.open, digests[group["id"], rank])
        for group in parts.parse(circuit_json)["groups"]
        for rank, exemplar in enumerate(group["exemplars"])
    }
    images: dict[int, bundle.Source] = {
        position: partial(store.open, digest)
        for position, digest in circuits.image_pictures(session, circuit.id).items()
    }
    return list(bundle.bundle_files(circuit_json, pictures, images, circuit.id, circuit.name))


def _json(session: Session, store: ArtifactStore, circuit: Circuit) -> ExportFile:
    return _file(f"{circuit.id}.json", "application/json", _circuit_json(store, circuit))


def _zip(session: Session, store: ArtifactStore, circuit: Circuit) -> ExportFile:
    name, media_type = f"{circuit.id}.zip", "application/zip"
    stream = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the reader of the export closes it
    try:
        bundle.write_zip(stream, _bundle_files(session, store, circuit))
        size = stream.tell()
        stream.seek(0)
        if size > _IN_MEMORY:
            return ExportFile(name, media_type, size, stream)
        data = stream.read()
    except BaseException:
        stream.close()
        raise
    # If the client disconnects before the first byte, nothing stays open.
    stream.close()
    return _file(name, media_type, data)


def _graphml(session: Session, store: ArtifactStore, circuit: Circuit) -> ExportFile:
    data = parts.parse(_circuit_json(store, circuit))
    return _file(f"{circuit.id}.graphml", graphml.MEDIA_TYPE, graphml.graphml(data))


def _csv(session: Session, store: ArtifactStore, circuit: Circuit) -> ExportFile:
    stream = io.BytesIO()
    bundle.write_zip(stream, tables.tables(parts.parse(_circuit_json(store, circuit))).items())
    return _file(f"{circuit.id}-tables.zip", "application/zip", stream.getvalue())


def _attribution_graph(session: Session, store: ArtifactStore, circuit: Circuit) -> ExportFile:
    graph = attribution_graph(parts.parse(_circuit_json(store, circuit)), circuit.id, circuit.name)
    return _file(f"{circuit.id}-attribution-graph.json", "application/json", json.dumps(graph).encode())


def _file(name: str, media_type: str, data: bytes) -> ExportFile:
    return ExportFile(name, media_type, len(data), io.BytesIO(data))


_WRITERS: Final[dict[Form, Callable[[Session, ArtifactStore, Circuit], ExportFile]]] = {
    Form.JSON: _json,
    Form.ZIP: _zip,
    Form.GRAPHML: _graphml,
    Form.CSV: _csv,
    Form.ATTRIBUTION_GRAPH: _attribution_graph,
}
