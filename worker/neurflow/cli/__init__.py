"""The command ``neurflow``. Importing it is cheap: a command's own module is loaded when it is called."""

from __future__ import annotations

from neurflow.cli.commands import main

__all__ = ["main"]
