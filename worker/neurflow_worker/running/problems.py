"""Convert an exception to the problem shown on a job: ``type``, ``title`` and ``detail``, never a stack trace.

There are three kinds of faults: invalid requests, which end the job; temporary faults (a full disk, an unreachable
database or store, too little memory), which are tried again; and program errors.
"""

from __future__ import annotations

import re
from typing import Final

import torch

from neurflow.terms import errors as engine
from neurflow_store import errors as store
from neurflow_store.artifacts.store import DISK_FULL
from neurflow_store.installation.database_errors import DATABASE_AWAY, explained

Problem = dict[str, str]

_TITLES: Final[dict[type[Exception], str]] = {
    engine.NotTraceable: "The network cannot be traced",
    engine.NetworkError: "The network cannot be loaded",
    engine.DataError: "The data set cannot be used",
    engine.ClassError: "The class cannot be traced",
    engine.LayerError: "The layers do not fit the network",
    engine.ParameterError: "A parameter is out of range",
    engine.DeviceError: "The device is not available",
    engine.FormatError: "The circuit is not valid",
    engine.InputError: "The request is not valid",
    engine.NumericalError: "NaN or infinity in a computation",
    store.BadUpload: "The upload is refused",
    store.BadValue: "A value is not valid",
    store.NotFound: "Not found",
    store.StoreError: "Conflict with the current state",
}
_NO_MEMORY: Final = "can't allocate memory"


def lasting(error: Exception) -> Problem | None:
    """Return the problem of an error that would recur; ``None`` for other errors."""
    if transient(error) is not None:
        return None
    title = next((_TITLES[kind] for kind in type(error).__mro__ if kind in _TITLES), None)
    return None if title is None else _problem(_kebab(type(error).__name__), title, str(error))


def transient(error: Exception) -> Problem | None:
    """Return the problem of a temporary error; ``None`` for other errors."""
    if isinstance(error, DATABASE_AWAY):
        reason = explained(error)
        if isinstance(reason, store.StorageFull):
            return _problem("disk-full", "The disk is full", str(reason))
        return _problem("database-error", "The database did not answer", str(reason))
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or _NO_MEMORY in str(error):
        remedy = "use fewer images or smaller layers, or give the worker more memory"
        return _problem("out-of-memory", "Not enough memory", f"{_first_line(str(error))}: {remedy}")
    if isinstance(error, OSError | engine.StorageError | store.StorageError):
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(error, store.StorageFull) or (isinstance(cause, OSError) and cause.errno in DISK_FULL):
            return _problem("disk-full", "The disk is full", _first_line(str(error)))
        return _problem("storage-error", "A file could not be read or written", _first_line(str(error)))
    return None


def unexpected(error: BaseException, job_id: str) -> Problem:
    """Return the problem of a program error; the log has the details."""
    detail = f"{type(error).__name__}: see the worker's log for job {job_id}"
    return _problem("internal-error", "Internal error", detail)


def _problem(kind: str, title: str, detail: str) -> Problem:
    return {"type": kind, "title": title, "detail": detail}


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "no reason given")
