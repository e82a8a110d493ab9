"""Convert a circuit to JSON and back, checking types, keys and numbers. Sums and references are checked elsewhere.

Keys are in the order in which the dataclasses declare them, and floats have as many digits as they need: the same
circuit gives the same bytes, and every number is restored exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from neurflow.result.circuit import FORMAT, FORMAT_VERSION, Circuit
from neurflow.result.problems import raise_problems, shown
from neurflow.terms.errors import FormatError, ParameterError
from neurflow.terms.parameters import TraceParameters

_WIDTH = 120


@dataclass(frozen=True)
class _Header:
    __pydantic_config__ = ConfigDict(extra="ignore")
    format: Any = None
    format_version: Any = None
    parameters: Any = None


_CIRCUIT = TypeAdapter(Circuit)
_HEADER = TypeAdapter(_Header)
_PARAMETERS = [field.name for field in fields(TraceParameters)]


def encode(circuit: Circuit) -> bytes:
    """Encode a circuit as the UTF-8 text of ``circuit.json``, without checking it; :func:`decode` does.

    Raises:
        FormatError: it holds a value that JSON cannot represent, or text that UTF-8 cannot encode.
    """
    try:
        return (_render(asdict(circuit), 0) + "\n").encode("utf-8")
    except UnicodeEncodeError as error:
        name = shown(error.object[max(error.start - 20, 0) : error.end + 20])
        raise FormatError(
            f"the circuit holds text that UTF-8 cannot encode, {name}: rename the file or class"
        ) from error


def decode(data: bytes) -> Circuit:
    """Decode a circuit and check its types and keys.

    Raises:
        FormatError: the data is not UTF-8 or JSON, has another format or a newer version, lacks a key or has an unknown
            one, or a value has the wrong type or is NaN or infinite. Names the place and the value.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"is not UTF-8 at byte {error.start}") from error
    _check_before(text)
    try:
        return _CIRCUIT.validate_json(text, strict=True)
    except ParameterError as error:
        raise FormatError(f"parameters: {error}") from error
    except ValidationError as error:
        raise_problems(_explained(error))
        raise


def comparable(circuit: Circuit | bytes) -> bytes:
    """Return the canonical bytes of a circuit without its timings, the only part that may differ between equal runs.

    Args:
        circuit: a circuit, or the content of a ``circuit.json``.

    Raises:
        FormatError: as in :func:`decode`.
    """
    data = circuit if isinstance(circuit, bytes) else encode(circuit)
    return encode(replace(decode(data), timings=()))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``circuit.json``, generated from the dataclasses and docstrings."""
    schema = _CIRCUIT.json_schema(schema_generator=_Schema)
    schema["properties"]["format"] = {"const": FORMAT}
    schema["properties"]["format_version"] = {"const": FORMAT_VERSION}
    parameters = schema["$defs"]["TraceParameters"]
    parameters["required"] = _PARAMETERS
    for name in _PARAMETERS:
        parameters["properties"][name].pop("default", None)
    identity = f"urn:{FORMAT}:{FORMAT_VERSION}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": identity, **schema}


def schema_text() -> str:
    """Return the content of ``circuit.schema.json``, which ``make schema`` writes."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


class _Schema(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _check_before(text: str) -> None:
    """Detect a foreign or newer file by its header, before the other keys are compared with this version's.

    Parameters have defaults for callers. A file must contain them all, because a changed default would change its
    meaning.
    """
    try:
        header = _HEADER.validate_json(text)
    except ValidationError as error:
        raise_problems(_explained(error))
        raise
    if header.format != FORMAT:
        raise FormatError(f"format: {shown(header.format)} is not {FORMAT!r}: this is not a circuit")
    version = header.format_version
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FormatError(f"format_version: {shown(version)} is not a version: it must be a whole number from 1")
    if version > FORMAT_VERSION:
        raise FormatError(
            f"format_version: {shown(version)} is newer than {FORMAT_VERSION}, the newest that this engine reads: "
            "update neurflow-explorer"
        )
    if isinstance(header.parameters, dict):
        raise_problems(f"parameters.{name}: is missing" for name in _PARAMETERS if name not in header.parameters)


_WORDS = {
    "extra_forbidden": "is an unknown key",
    "missing": "is missing",
    "unexpected_keyword_argument": "is an unknown key",
}


def _explained(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False, include_context=False):
        place = _path(one["loc"])
        if one["type"] == "json_invalid":
            yield f"is not JSON: {one['msg'].removeprefix('Invalid JSON: ')}"
        elif one["type"] in _WORDS:
            yield f"{place}: {_WORDS[one['type']]}"
        else:
            yield f"{place or 'the whole file'}: {one['msg'].lower()}, not {shown(one['input'])}"


def _path(steps: tuple[int | str, ...]) -> str:
    """Format ``steps`` as a JSON path; keys that are not plain words, found in foreign files only, are quoted."""
    plain = [f".{step}" if isinstance(step, str) and step.isidentifier() else f"[{shown(step)}]" for step in steps]
    return "".join(plain).lstrip(".")


def _render(value: Any, indent: int) -> str:
    """Format ``value`` as readable JSON: on one line if it is short, else one item per line."""
    flat = json.dumps(value, ensure_ascii=False, default=_refuse)
    if len(flat) + indent <= _WIDTH or not isinstance(value, Mapping | Sequence) or isinstance(value, str):
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, Mapping):
        lines = [f"{json.dumps(key)}: {_render(item, indent + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(pad + line for line in lines) + "\n" + " " * indent + "}"
    lines = _filled(value, _WIDTH - indent) if _is_flat(value) else [_render(item, indent + 1) for item in value]
    return "[\n" + ",\n".join(pad + line for line in lines) + "\n" + " " * indent + "]"


def _is_flat(values: Sequence[Any]) -> bool:
    return not any(isinstance(value, Mapping | list | tuple) for value in values)


def _filled(values: Sequence[Any], width: int) -> list[str]:
    lines = [""]
    for value in values:
        word = json.dumps(value, ensure_ascii=False)
        if lines[-1] and len(lines[-1]) + len(word) + 2 > width:
            lines.append(word)
        else:
            lines[-1] += f", {word}" if lines[-1] else word
    return lines


def _refuse(value: object) -> str:
    raise FormatError(f"the circuit holds {shown(value)}, a {type(value).__name__}: JSON cannot represent it")
