"""Check that an uploaded file is in safetensors format, without the library and without reading the tensors.

A file consists of the header's length in 8 bytes, little-endian; the header, a JSON object of ``{"dtype", "shape",
"data_offsets"}`` by name; and the bytes of the tensors, one after the other. Workers load it with the library.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Final

from neurflow_store.errors import BadUpload, WrongType

_LENGTH_BYTES: Final = 8
_LONGEST_HEADER: Final = 16 * 1024 * 1024
"""The parsed JSON takes tens of times as much memory. Headers of the largest vision networks have a few hundred KiB."""
_METADATA: Final = "__metadata__"
_MOST_AXES: Final = 16
_BYTES: Final = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2"), 1),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 2),
    **dict.fromkeys(("U32", "I32", "F32"), 4),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 8),
}
_REMEDY: Final = "save the network's state_dict() with safetensors.torch.save_file"


def check_safetensors(path: Path) -> int:
    """Check a file of weights and return its number of tensors.

    Raises:
        WrongType: the file does not begin like a safetensors file.
        BadUpload: the header does not describe the data, or the file contains no tensors.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
        data_bytes = size - _LENGTH_BYTES - length
        header = stream.read(min(length, _LONGEST_HEADER)) if data_bytes >= 0 else b""
    if not header.startswith(b"{"):
        raise WrongType(f"the file is not a safetensors file: {_REMEDY}")
    if length > _LONGEST_HEADER:
        raise BadUpload(f"the safetensors header is {length:,} bytes long: the maximum is {_LONGEST_HEADER:,}")
    tensors = _read(header)
    spans = sorted(_span(name, entry) for name, entry in tensors.items())
    if not spans:
        raise BadUpload(f"the safetensors file contains no tensors: {_REMEDY}")
    end = 0
    for start, stop in spans:
        if start != end:
            raise BadUpload("the safetensors file is damaged: its tensors are not contiguous")
        end = stop
    if end != data_bytes:
        raise BadUpload(f"the safetensors file is truncated or damaged: {data_bytes:,} bytes of tensors, not {end:,}")
    return len(tensors)


def _read(header: bytes) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(header.decode("utf-8"), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise BadUpload(f"the safetensors header is damaged: {str(error)[:100]}") from None
    metadata = content.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise BadUpload(f"the safetensors header is damaged: {_METADATA} contains values other than text")
    return content


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("duplicate name")
    return content


def _span(name: str, entry: Any) -> tuple[int, int]:
    """Return the first and last byte offset of a tensor."""
    match entry:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(start), int(stop)]}:
            known = dtype in _BYTES and len(shape) <= _MOST_AXES and all(_is_size(axis) for axis in shape)
            if known and 0 <= start <= stop and stop - start == math.prod(shape) * _BYTES[dtype]:
                return start, stop
    raise BadUpload(f"the safetensors header is damaged: tensor {name[:100]!r} lacks a valid type, shape or offset")


def _is_size(axis: Any) -> bool:
    return type(axis) is int and axis >= 0
