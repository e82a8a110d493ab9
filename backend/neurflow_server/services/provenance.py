"""A view's provenance: the inputs of its circuit, the command that computes it again, and a citation."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.orm import Session

from neurflow_server.schemas.provenance import CitationOut, ProvenanceOut, SourceOut
from neurflow_server.schemas.summaries import Named
from neurflow_store.asking.content_key import engine_version, request_key
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.errors import Conflict
from neurflow_store.repositories import views as reads
from neurflow_store.tables import Circuit, Dataset, Network

_TEX: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX_ESCAPED: Final = "&%$#_{}"
_FILE: Final = "FILE"


def provenance(session: Session, view_id: str) -> ProvenanceOut:
    """Return a view's provenance.

    Raises:
        NotFound: the view does not exist.
        Conflict: its circuit has no result yet.
    """
    view = reads.view(session, view_id)
    circuit = session.get_one(Circuit, view.circuit_id)
    if circuit.result is None or circuit.computed_at is None:
        raise Conflict(f"circuit {circuit.id!r} has no result yet: wait until its job has succeeded")
    network = None if circuit.network_id is None else session.get(Network, circuit.network_id)
    data = None if circuit.dataset_id is None else session.get(Dataset, circuit.dataset_id)
    result: Mapping[str, Any] = circuit.result
    changed = _changed(circuit, network, data, result)
    return ProvenanceOut(
        view=Named(id=view.id, name=view.name),
        circuit=Named(id=circuit.id, name=circuit.name),
        network=_source(result["network"], network is not None and network.weights is not None),
        data=_source(result["data"], data is not None and data.archive is not None),
        class_name=circuit.class_name or result["target"]["name"],
        parameters=dict(result["parameters"]),
        engine_version=circuit.engine_version or "",
        computed_at=circuit.computed_at,
        command=_command(circuit, network, data, result),
        citation=_citation(view, circuit, result),
        repeatable=not changed,
        changed=changed,
    )


def _source(source: Mapping[str, Any], uploaded: bool) -> SourceOut:
    return SourceOut(spec=source["spec"], digest=source["digest"], uploaded=uploaded)


def _changed(circuit: Circuit, network: Network | None, data: Dataset | None, result: Mapping[str, Any]) -> list[str]:
    """Return what has changed, so that computing again would be a different request."""
    if network is None or data is None:
        return ["imported" if circuit.network_id is None or circuit.dataset_id is None else "hidden"]
    key = request_key(network, data, circuit.class_name, circuit.class_map, circuit.parameters)
    # The key may be the owner's own.
    if circuit.content_key in (key, sha256(f"{key} {circuit.owner_id}".encode()).hexdigest()):
        return []
    changed = ["engine"] if circuit.engine_version != engine_version() else []
    changed += ["network"] if result["network"]["digest"] != network.digest else []
    return changed or ["data"]


def _command(circuit: Circuit, network: Network | None, data: Dataset | None, result: Mapping[str, Any]) -> str:
    """Return ``neurflow trace`` with the options that differ from their defaults; uploads appear as file names."""
    words = ["neurflow", "trace", "--network", result["network"]["spec"]]
    if network is not None:
        options = network.options
        words += ["--weights", _FILE] if network.weights is not None else []
        words += ["--classes", _FILE] if options.get("classes") else []
        for name in ("input_size", "mean", "std"):
            if options.get(name) is not None:
                words += [_flag(name), _text(options[name])]
    uploaded = data is not None and data.archive is not None
    words += ["--data", "folder/FOLDER" if uploaded else result["data"]["spec"]]
    words += ["--class", circuit.class_name or result["target"]["name"]]
    for label, name in sorted((result["data"].get("class_map") or {}).items()):
        words += ["--class-map", f"{label}={name}"]
    defaults = TraceParameters().model_dump(mode="json")
    for name, value in result["parameters"].items():
        plain = list(value) if isinstance(value, tuple) else value
        if name in defaults and plain is not None and plain != defaults[name]:
            words += [_flag(name), _text(plain)]
    return shlex.join([*words, "--out", circuit.id])


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(_text, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _citation(view: Any, circuit: Circuit, result: Mapping[str, Any]) -> CitationOut:
    assert circuit.computed_at is not None
    network, data, class_name = result["network"], result["data"], result["target"]["name"]
    what = f"circuit of the class “{class_name}” in {network['spec']} (weights {network['digest']})"
    over = f"traced over {data['spec']} (images {data['digest']})"
    engine = f"NeurFlow Explorer {circuit.engine_version}"
    by = f"{view.owner_name}: " if view.owner_name else ""
    day = circuit.computed_at.strftime("%Y-%m-%d")
    text = f"{by}{view.name}. {what[0].upper()}{what[1:]}, {over} with {engine}, {day}."
    fields = {
        **({"author": f"{{{_tex(view.owner_name)}}}"} if view.owner_name else {}),
        "title": f"{{{_tex(view.name)}}}",
        "year": f"{circuit.computed_at.year}",
        "howpublished": f"{{{_tex(engine)}}}",
        "note": f"{{{_tex(f'{what[0].upper()}{what[1:]}, {over}')}}}",
    }
    inner = "".join(f"  {name} = {value},\n" for name, value in fields.items())
    return CitationOut(text=text, bibtex=f"@misc{{{view.id},\n{inner}}}\n")


def _tex(text: str) -> str:
    plain = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return "".join(_TEX.get(letter, f"\\{letter}" if letter in _TEX_ESCAPED else letter) for letter in plain)
