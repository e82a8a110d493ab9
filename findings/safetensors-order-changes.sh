#!/usr/bin/env bash
# safetensors reads the same file in different orders. `load`, which takes bytes, returns the tensors in an order that changes
# from call to call; `load_file` sorts them by the size of their type, then by name ("10" before "2"). Neither is the order in
# which they were saved, so code that pairs the values with a network's parameters, or hashes them in turn, goes wrong.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import pathlib
import sys

import numpy
import safetensors
from safetensors.numpy import load, load_file, save

state = {f"layer{number}.weight": numpy.zeros(4, numpy.float32) for number in range(1, 12)}
state["steps"] = numpy.zeros(1, numpy.int64)
content = save(state)
pathlib.Path("state.safetensors").write_bytes(content)

from_bytes = {tuple(load(content)) for _ in range(20)}
from_file = {tuple(load_file("state.safetensors")) for _ in range(20)}
print(f"safetensors {safetensors.__version__}, numpy {numpy.__version__}")
print(f"expected: each read returns the order of the dictionary that was saved: {', '.join(state)}")
print(f"seen:     20 calls of load: {len(from_bytes)} orders; of load_file: {', '.join(*from_file)}")
by_type_and_name = ("steps", *sorted(name for name in state if name != "steps"))
sys.exit(len(from_bytes) < 2 or from_file != {by_type_and_name})
EOF
