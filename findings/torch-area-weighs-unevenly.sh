#!/usr/bin/env bash
# `interpolate(mode="area")` is adaptive average pooling: each output is the plain mean of all pixels that its window touches,
# however little it covers of them. Unless the sizes divide, the pixels on the borders of windows count several times, and the
# mean of the map changes. `INTER_AREA` of OpenCV, from which people know the name, weighs each pixel by the area it covers.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 opencv-python-headless==5.0.0.93
venv/bin/python - <<'EOF'
import sys

import cv2
import numpy
import torch
from torch.nn.functional import interpolate

SIZE, SMALLER = 7, 5
# One map for each pixel: that pixel is 1, all others are 0.
maps = torch.eye(SIZE)


def shares(small):
    """How often each pixel counts in the mean of the smaller map: once if areas are weighed."""
    return [round(float(row.mean()) * SIZE, 2) for row in small]


torchs = shares(interpolate(maps.reshape(SIZE, 1, 1, SIZE), size=(1, SMALLER), mode="area"))
cv2s = shares(cv2.resize(row.reshape(1, SIZE).numpy(), (SMALLER, 1), interpolation=cv2.INTER_AREA) for row in maps)
print(f"torch {torch.__version__}, OpenCV {cv2.__version__}, numpy {numpy.__version__}")
print(f"expected: in a map of {SIZE} cells shrunk to {SMALLER}, each cell counts once: {cv2s} (OpenCV)")
print(f"seen:     {torchs}")
sys.exit(cv2s != [1.0] * SIZE or torchs != [0.7, 1.4, 1.17, 0.47, 1.17, 1.4, 0.7])
EOF
