"""Plain tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Format rows as aligned columns: numbers right, words left, no trailing space.

    >>> print(table(["layer", "channels"], [["conv1", 64], ["fc", 1000]]))
    layer  channels
    conv1        64
    fc         1000
    """
    numeric = [all(isinstance(row[i], int | float) for row in rows) for i in range(len(header))]
    lines = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )
