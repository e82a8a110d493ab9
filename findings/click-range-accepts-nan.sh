#!/usr/bin/env bash
# `click.FloatRange` refuses a value that is below the minimum or above the maximum. NaN is neither, so it passes, and
# `clamp=True` passes it on unchanged. A threshold of NaN then selects nothing, without an error.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check click==8.5.1
venv/bin/python - <<'EOF'
import importlib.metadata
import math
import sys

import click


def accepted(text, **options):
    try:
        return click.FloatRange(0, 1, **options).convert(text, None, None)
    except click.BadParameter:
        return "refused"


seen = {text: (accepted(text), accepted(text, clamp=True)) for text in ("inf", "1.5", "nan")}
print(f"click {importlib.metadata.version('click')}")
print("expected: FloatRange(0, 1) refuses 'nan' as it refuses 'inf', or clamps it to a number from 0 to 1")
print(f"seen:     {seen}")
refused = seen["inf"] == seen["1.5"] == ("refused", 1)
sys.exit(not refused or "refused" in seen["nan"] or not all(map(math.isnan, seen["nan"])))
EOF
