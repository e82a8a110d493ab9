"""Damages files: cut, shortened at the start, changed and mixed up in many places."""

from __future__ import annotations

import random
from collections.abc import Iterator


def mutated(data: bytes, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield changed copies of a file, each with a description of the change.

    Args:
        data: the file.
        seed: seed for the places that are changed.
        count: number of copies for each kind of change at random places.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    for few in (1, 2, 3, 4, 30):
        yield f"without its first {few} bytes", data[few:]
        yield f"without its last {few} bytes", data[:-few]
        yield f"with {few} bytes before it", chance.randbytes(few) + data
        yield f"with {few} bytes behind it", data + chance.randbytes(few)
    yield "twice", data + data
    for _ in range(count):
        at, few = chance.randrange(len(data)), chance.randrange(1, 9)
        yield f"cut at {at}", data[:at]
        yield f"without {few} bytes at {at}", data[:at] + data[at + few :]
        yield f"with {few} bytes more at {at}", data[:at] + chance.randbytes(few) + data[at:]
        yield f"with {few} zeros at {at}", data[:at] + bytes(few) + data[at + few :]
        yield f"with {few} times 255 at {at}", data[:at] + b"\xff" * few + data[at + few :]
        yield f"with a bit changed at {at}", data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    # A zip file is described by its end record, and by the directory before that.
    for at in range(max(0, len(data) - 4 * count), len(data)):
        yield f"with the byte at {at} inverted", data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        yield f"with the byte at {at} raised by one", data[:at] + bytes([(data[at] + 1) % 256]) + data[at + 1 :]
