"""The callback by which the engine reports progress, and by which callers can stop it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called after each piece of work.

    Args:
        stage: name of the current stage, for example ``"activations"`` or ``"layer layer4.1"``.
        done: finished units, ``0 ≤ done ≤ total``. The first call of a stage has ``done = 0``.
        total: units of the whole stage.

    To stop the work, raise :class:`neurflow.terms.errors.Cancelled` (or any exception) from it.
    """

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """Ignore progress."""
