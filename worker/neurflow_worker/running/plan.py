"""The plan of a job: its stages, and an estimate of the time left.

1. Each stage has a size in *units*, about the time of one image's pass through the network. Where the size is only an
   estimate, it is corrected when the stage begins and reports its number of items.
2. The fraction done is units done of all units; it never decreases.
3. The time left is the units left times the seconds per unit so far. Each kind of stage has its own rate, which is
   blended with the overall rate: the more of that kind is done, the more its own rate counts. Stages of constant cost
   (loading, capturing the graph) are ignored. There is no estimate until enough is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

_ENOUGH_SECONDS: Final = 1.5
_DOUBT: Final = 0.05
"""Share of the whole that must be done of one kind until its own rate counts for half."""


@dataclass(frozen=True)
class Stage:
    """One stage of a job.

    Attributes:
        name: the engine's name of the stage.
        units: expected size.
        kind: stages of one kind share a rate; ``"fixed"`` ones have none.
        each: units per item; 0 if the number of items does not matter.
        interruptible: whether it may be interrupted between two calls of the progress callback.
    """

    name: str
    units: float
    kind: str = "pass"
    each: float = 0.0
    interruptible: bool = False


@dataclass(frozen=True)
class _Measured:
    kind: str
    units: float
    seconds: float


class Plan:
    """The stages of one job in their order, with measured times."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = list(stages)
        self._at = -1
        self._share = 0.0
        self._highest = 0.0
        self._finished: list[_Measured] = []
        self._current = _Measured("fixed", 0.0, 0.0)

    def begin(self, name: str, total: int) -> Stage:
        """Begin a stage; those before it are done, now or in an earlier attempt. Corrects the stage's size."""
        self._finished.append(self._current)
        place = next((i for i in range(self._at + 1, len(self._stages)) if self._stages[i].name == name), None)
        if place is None:
            # A layer may have another of its names.
            prefix = name.partition(" ")[0]
            later = range(self._at + 1, len(self._stages))
            place = next((i for i in later if self._stages[i].name.partition(" ")[0] == prefix), None)
        if place is None:
            self._stages.insert(self._at + 1, Stage(name, 1.0, "fixed"))
            place = self._at + 1
        stage = self._stages[place]
        if stage.each:
            stage = self._stages[place] = replace(stage, units=stage.each * total)
        self._at, self._share, self._current = place, 0.0, _Measured(stage.kind, 0.0, 0.0)
        return stage

    def advance(self, share: float, seconds: float) -> None:
        """Set the current stage as done to ``share`` (0…1) after ``seconds``."""
        stage = self._stages[self._at]
        self._share = share
        self._current = _Measured(stage.kind, stage.units * share, seconds)

    @property
    def fraction(self) -> float:
        """Fraction done of the whole, in [0, 1)."""
        done = sum(stage.units for stage in self._stages[: max(self._at, 0)]) + self._units_done
        everything = sum(stage.units for stage in self._stages) or 1.0
        self._highest = max(self._highest, min(done / everything, 0.999))
        return self._highest

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds left, ``None`` while there is no estimate."""
        counted = [one for one in (*self._finished, self._current) if one.kind != "fixed"]
        units, seconds = sum(one.units for one in counted), sum(one.seconds for one in counted)
        if units <= 0 or seconds < _ENOUGH_SECONDS or self._at < 0:
            return None
        common = seconds / units
        weight = _DOUBT * sum(stage.units for stage in self._stages)

        def rate(kind: str) -> float:
            own = [one for one in counted if one.kind == kind]
            spent = sum(one.seconds for one in own) + common * weight
            return spent / (sum(one.units for one in own) + weight)

        here = self._stages[self._at]
        left = (here.units - self._units_done) * rate(here.kind)
        return left + sum(stage.units * rate(stage.kind) for stage in self._stages[self._at + 1 :])

    @property
    def _units_done(self) -> float:
        return self._stages[self._at].units * self._share if self._at >= 0 else 0.0
