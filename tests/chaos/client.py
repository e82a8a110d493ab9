"""Asks an installation whose servers may be away: whichever server answers, as often as it takes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import requests

_Value = TypeVar("_Value")
_PATIENCE = 300.0
BUSY = {502, 503, 504, 507}
"""The database, the disk or the workers are away: the answer says to try again."""


class Refused(Exception):
    """A server refused a request for another reason than a fault that was planted."""


class Client:
    """Asks the servers on ``ports`` in turn.

    ``uncertain`` counts the requests that were sent and not answered: they may have been done.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self._roots = [f"http://127.0.0.1:{port}/api/v1" for port in ports]
        self.uncertain = self.told_to_wait = 0

    def ask(self, method: str, path: str, *, fine: Sequence[int] = (), **request: Any) -> requests.Response:
        """Return the answer, which has a status below 400 or in ``fine``.

        Raises:
            Refused: any other status, or no answer for five minutes.
        """
        deadline = time.monotonic() + _PATIENCE
        reason = "no answer"
        while time.monotonic() < deadline:
            try:
                answer = requests.request(method, random.choice(self._roots) + path, timeout=30, **request)  # noqa: S311
            except requests.RequestException as error:
                self.uncertain += "Connection refused" not in repr(error)
                reason = repr(error)
            else:
                if answer.status_code < 400 or answer.status_code in fine:
                    return answer
                reason = f"{answer.status_code} {answer.text[:500]}"
                if answer.status_code not in BUSY:
                    break
                self.told_to_wait += 1
            time.sleep(0.1)
        raise Refused(f"{method} {path}: {reason}")

    def until(self, path: str, reached: Callable[[Any], _Value | None]) -> _Value:
        """Ask for ``path`` until ``reached`` finds what it wants in the answer.

        Raises:
            Refused: as in :meth:`ask`, or it did not come within five minutes.
        """
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            answer = self.ask("GET", path).json()
            if found := reached(answer):
                return found
            time.sleep(0.1)
        raise Refused(f"{path} did not come: {str(answer)[:500]}")

    def done(self, path: str) -> Any:
        """Wait until the job of what lies at ``path`` has succeeded; return the answer.

        Raises:
            Refused: the job failed or was cancelled.
        """

        def settled(found: Any) -> Any:
            state = found["state"]
            if state in ("failed", "cancelled"):
                raise Refused(f"{path}: its job {state}: {found['job'].get('problem')}")
            return found if state == "succeeded" else None

        return self.until(path, settled)
