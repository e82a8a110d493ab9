"""Draw a circuit's strongest groups with their exemplars: ``python docs/images/contact_sheet.py CIRCUIT PICTURE``.

One row a group, layers from the class down, groups by contribution. Made the picture in the README.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from neurflow import Circuit, load_circuit

SIDE, GAP, LABEL, ROWS = 72, 3, 190, 2
INK, FAINT, PAPER = "#1d1d1f", "#6e6e73", "#ffffff"


def draw(circuit: Circuit, folder: Path) -> Image.Image:
    """The sheet, two columns of groups wide; each patch a square of 72 pixels."""
    rows = []
    for layer in reversed(circuit.layers):
        groups = [group for group in circuit.groups if group.layer == layer.name]
        rows.append(sorted(groups, key=lambda group: -abs(group.importance.contribution))[:ROWS])
    most = max(len(group.exemplars) for row in rows for group in row)
    column = LABEL + most * (SIDE + GAP) + 4 * GAP
    sheet = Image.new("RGB", (ROWS * column, len(rows) * (SIDE + GAP) + GAP), PAPER)
    pen = ImageDraw.Draw(sheet)
    for y, row in enumerate(rows):
        for x, group in enumerate(row):
            left, top = x * column + 2 * GAP, y * (SIDE + GAP) + GAP
            neurons = f"{len(group.neurons)} neuron{'s' * (len(group.neurons) != 1)}"
            name = circuit.target.name if y == 0 else group.id
            pen.text((left, top + 14), name, INK, ImageFont.load_default(17))
            share = f"{neurons} · {group.importance.contribution:+.0%}"
            pen.text((left, top + 38), share, FAINT, ImageFont.load_default(14))
            for i, exemplar in enumerate(group.exemplars):
                patch = Image.open(folder / exemplar.file).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
                sheet.paste(patch, (left + LABEL + i * (SIDE + GAP), top))
    return sheet


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    draw(load_circuit(source), source).save(target, quality=85)
