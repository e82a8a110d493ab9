"""The README's tour with curl as a script, and its output, block by block."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.ops.compose import ROOT

_TEXT = (ROOT / "README.md").read_text("utf-8")
_END = "--- end of block ---"
_HOST = "127.0.0.1:8000"


def blocks() -> list[str]:
    """Return the blocks of the tour as they are printed."""
    (section,) = re.findall(r"^## A tour with curl\n(.*?)^## ", _TEXT, re.DOTALL | re.MULTILINE)
    return re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE)


def run(port: int, folder: Path) -> list[str]:
    """Run the blocks in one shell in ``folder`` against the server at ``port``; return the output of each."""
    script = "set -euo pipefail\n" + "".join(f"{block}echo\necho '{_END}'\n" for block in blocks())
    assert _HOST in script
    result = subprocess.run(  # noqa: S603 - the words of our own README
        ["/usr/bin/env", "bash", "-c", script.replace(_HOST, f"127.0.0.1:{port}")],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return [text.strip() for text in result.stdout.split(_END)][:-1]
