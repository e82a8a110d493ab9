"""One format for all log lines, also those of libraries: text to read, or JSON for programs.

:mod:`structlog` and the standard library's loggers (Uvicorn, Celery, SQLAlchemy) share one handler, which writes to
standard error, with the time in UTC and the values that :func:`bound` holds: job id and request id. Line breaks in
logged values are escaped, so that no input can forge a line.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

import structlog

from neurflow_store.installation.settings import Settings

_LIBRARIES: Final = ("celery", "celery.task", "kombu", "sqlalchemy", "uvicorn", "uvicorn.access", "uvicorn.error")
_NAME: Final = "neurflow"
_SHARED: Final[list[structlog.typing.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


# Attributes of a library's record: its `extra`, without what another handler's formatter added.
_FOREIGN: Final[list[structlog.typing.Processor]] = [
    *_SHARED,
    structlog.stdlib.ExtraAdder(),
    lambda _, __, entry: {key: value for key, value in entry.items() if key not in ("message", "asctime")},
]


def configure_logging(settings: Settings) -> None:
    """Set up the logging of this process, replacing an earlier set-up."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(_NAME)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_FOREIGN, processors=_rendering(settings.log_format))
    )
    root = logging.getLogger()
    for old in [old for old in root.handlers if old.get_name() == _NAME]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.log_level.upper())
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # At `info` it would log every statement, and the data in it.
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)


@contextmanager
def bound(**values: str | None) -> Iterator[None]:
    """Add ``values``, such as ``job_id`` and ``request_id``, to every line that is logged within the block."""
    with structlog.contextvars.bound_contextvars(**{key: value for key, value in values.items() if value is not None}):
        yield


def _rendering(form: str) -> list[structlog.typing.Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "json":
        json = structlog.processors.JSONRenderer(default=str)
        return [remove, structlog.processors.ExceptionRenderer(), structlog.processors.EventRenamer("message"), json]
    return [remove, structlog.processors.ExceptionRenderer(), _text]


def _text(_: Any, __: str, entry: MutableMapping[str, Any]) -> str:
    """Format ``TIME LEVEL LOGGER: MESSAGE KEY=VALUE…``, with an exception's lines below, indented."""
    time, level, logger, event = (entry.pop(key, "") for key in ("timestamp", "level", "logger", "event"))
    exception = entry.pop("exception", None)
    further = "".join(f" {key}={_escaped(value)}" for key, value in sorted(entry.items()))
    line = f"{time} {level:<7} {logger}: {_escaped(event)}{further}"
    return line + "".join(f"\n    {row}" for row in str(exception).splitlines()) if exception else line


def _escaped(value: object) -> str:
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in str(value))
