"""Whether an uploaded file has the form of safetensors, told without the library and without reading the tensors.

The file is the length of its header in 8 bytes, little-endian; the header, a JSON object of ``{"dtype", "shape",
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
"""Its JSON takes tens of times as much memory. The headers of the largest vision networks have a few hundred KiB."""
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
    """Checks a file of weights; gives the number of its tensors.

    Raises:
        WrongType: it does not begin as such a file.
        BadUpload: its header does not describe what follows, or it holds no tensor.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
        data_bytes = size - _LENGTH_BYTES - length
        header = stream.read(min(length, _LONGEST_HEADER)) if data_bytes >= 0 else b""
    if not header.startswith(b"{"):
        raise WrongType(f"the file is no safetensors file: {_REMEDY}")
    if length > _LONGEST_HEADER:
        raise BadUpload(f"the safetensors header is {length:,} bytes long: {_LONGEST_HEADER:,} are most")
    tensors = _read(header)
    spans = sorted(_span(name, entry) for name, entry in tensors.items())
    if not spans:
        raise BadUpload(f"the safetensors file holds no tensor: {_REMEDY}")
    end = 0
    for start, stop in spans:
        if start != end:
            raise BadUpload("the safetensors file is damaged: its tensors do not follow one after the other")
        end = stop
    if end != data_bytes:
        raise BadUpload(f"the safetensors file is cut short or damaged: {data_bytes:,} bytes of tensors, not {end:,}")
    return len(tensors)


def _read(header: bytes) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(header.decode("utf-8"), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise BadUpload(f"the safetensors header is damaged: {str(error)[:100]}") from None
    metadata = content.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise BadUpload(f"the safetensors header is damaged: {_METADATA} holds more than text")
    return content


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a name stands there twice")
    return content


def _span(name: str, entry: Any) -> tuple[int, int]:
    """Where a tensor's bytes lie."""
    match entry:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(start), int(stop)]}:
            known = dtype in _BYTES and len(shape) <= _MOST_AXES and all(_is_size(axis) for axis in shape)
            if known and 0 <= start <= stop and stop - start == math.prod(shape) * _BYTES[dtype]:
                return start, stop
    raise BadUpload(f"the safetensors header is damaged: tensor {name[:100]!r} has no known type, shape and place")


def _is_size(axis: Any) -> bool:
    return type(axis) is int and axis >= 0
