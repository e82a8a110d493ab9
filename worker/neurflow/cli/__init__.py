"""The command ``neurflow``. Importing it is cheap: each command's module is loaded when the command is called."""

from __future__ import annotations

from neurflow.cli.commands import main

__all__ = ["main"]
