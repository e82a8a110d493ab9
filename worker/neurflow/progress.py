"""How the engine tells what it has done: one callback, which may also stop the work."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called after each piece of work.

    Args:
        stage: what is being done, for example ``"activations"`` or ``"layer layer4.1"``.
        done: units finished so far, ``0 ≤ done ≤ total``. The first call of a stage has ``done = 0``.
        total: units of the whole stage.

    Raise :class:`neurflow.terms.errors.Cancelled` (or any exception) from it to stop.
    """

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """The callback of those who do not want to know."""
