"""Keys that identify equal requests: SHA-256 over canonical JSON of the request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.tables import Dataset, Network

_NOTHING_MAPPED: Final[Mapping[str, str]] = {}


def circuit_key(
    *,
    network_digest: str,
    dataset_digest: str,
    class_name: str,
    parameters: TraceParameters,
    engine_version: str,
    class_map: Mapping[str, str] = _NOTHING_MAPPED,
) -> str:
    """Return the key of a circuit, 64 hexadecimal digits. Defaults count as if they had been given.

    ``class_map`` is the part of the data set's class map that the images depend on; an empty one is not part of the
    key.
    """
    return _key(
        {
            **({"class_map": dict(class_map)} if class_map else {}),
            "class": class_name,
            "data": dataset_digest,
            "engine": engine_version,
            "network": network_digest,
            # 0.0 and -0.0 are equal, and so are their circuits.
            "parameters": {
                name: value + 0.0 if isinstance(value, float) else value for name, value in _plain(parameters)
            },
        }
    )


def request_key(
    network: Network,
    dataset: Dataset,
    class_name: str,
    class_map: Mapping[str, str],
    parameters: TraceParameters | Mapping[str, Any],
) -> str:
    """Return the key of a circuit requested for a network and a data set in their current state."""
    return circuit_key(
        network_digest=network.digest or "",
        dataset_digest=dataset.digest or "",
        class_name=class_name,
        parameters=TraceParameters.model_validate(parameters),
        engine_version=engine_version(),
        class_map=class_map,
    )


def import_key(archive: str) -> str:
    """Return the key of an imported circuit, from the digest of its archive."""
    return hashlib.sha256(f"import:{archive}".encode()).hexdigest()


def network_key(spec: str, weights: str | None, options: Mapping[str, Any]) -> str:
    """Return the key of a network: its spec, the digest of its uploaded weights, and its options."""
    return _key({"spec": spec, "weights": weights, "options": dict(options)})


def dataset_key(spec: str, archive: str | None) -> str:
    """Return the key of a data set: its spec, or only the archive's digest for an uploaded one."""
    return _key({"archive": archive} if archive else {"spec": spec})


def measurement_key(
    kind: str,
    circuit_id: str,
    computed_at: datetime | None,
    analysis_id: str | None,
    analysed_at: datetime | None,
    request: Mapping[str, Any],
) -> str:
    """Return the key of a measurement: the question, the circuit's result, and the analysis's result."""
    moments = [None if moment is None else moment.isoformat() for moment in (computed_at, analysed_at)]
    return _key(
        {"kind": kind, "circuit": circuit_id, "analysis": analysis_id, "moments": moments, "request": dict(request)}
    )


def engine_version() -> str:
    """Return the version of the engine that the workers of this installation use."""
    return version("neurflow-explorer")


def _plain(parameters: TraceParameters) -> list[tuple[str, Any]]:
    return list(parameters.model_dump(mode="json").items())


def _key(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
