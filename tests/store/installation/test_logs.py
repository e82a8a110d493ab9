"""Log lines: one form, written once, with bound values, and safe against forged lines."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

from neurflow_store.installation.logs import bound, configure_logging
from neurflow_store.installation.settings import Settings

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Start from loggers without levels, whatever servers ran in this process before, and restore them."""
    names = [None, "celery", "celery.task", "kombu", "sqlalchemy", "uvicorn", "uvicorn.access", "uvicorn.error"]
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    for logger in loggers[1:]:
        logger.setLevel(logging.NOTSET)
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def lines(make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Set up logging with some settings, run ``do``, and return the lines."""

    def gather(action: Callable[[], object], times: int = 1, **values: str) -> list[str]:
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        for _ in range(times):
            configure_logging(make_settings(**values))
        action()
        return stream.getvalue().splitlines()

    return gather


def log_both() -> None:
    with bound(job_id="job-1", request_id=None):
        structlog.stdlib.get_logger("house").info("begun", layer="layer4.1", count=3)
        logging.getLogger("library").warning("%s is %d", "it", 7, extra={"size": 2})
    structlog.stdlib.get_logger("house").error("ended")


def test_text_lines_are_readable(lines: Callable[..., list[str]]) -> None:
    found = [re.sub(TIME, "TIME", line) for line in lines(log_both)]
    assert found == [
        "TIME info    house: begun count=3 job_id=job-1 layer=layer4.1",
        "TIME warning library: it is 7 job_id=job-1 size=2",
        "TIME error   house: ended",
    ]


def test_json_lines_are_valid(lines: Callable[..., list[str]]) -> None:
    found = [json.loads(line) for line in lines(log_both, log_format="json")]
    assert all(re.fullmatch(TIME, line.pop("timestamp")) for line in found)
    assert found == [
        {"message": "begun", "level": "info", "logger": "house", "job_id": "job-1", "layer": "layer4.1", "count": 3},
        {"message": "it is 7", "level": "warning", "logger": "library", "job_id": "job-1", "size": 2},
        {"message": "ended", "level": "error", "logger": "house"},
    ]


@pytest.mark.parametrize("form", ["text", "json"])
def test_setting_up_twice_does_not_repeat_lines(lines: Callable[..., list[str]], form: str) -> None:
    assert len(lines(log_both, times=3, log_format=form)) == 3


def test_other_handlers_stay(lines: Callable[..., list[str]]) -> None:
    other = logging.NullHandler()
    logging.getLogger().addHandler(other)
    lines(log_both)
    assert other in logging.getLogger().handlers


@pytest.mark.parametrize("name", ["uvicorn.error", "uvicorn.access", "celery", "celery.task"])
def test_handlers_of_libraries_are_replaced(lines: Callable[..., list[str]], name: str) -> None:
    library = logging.getLogger(name)
    library.addHandler(logging.StreamHandler(io.StringIO()))
    library.propagate = False
    found = lines(lambda: library.warning("it"))
    assert [line.split(" ", 1)[1] for line in found] == [f"warning {name}: it"]


@pytest.mark.parametrize(("level", "count"), [("debug", 8), ("info", 6), ("warning", 4), ("error", 2)])
def test_lines_below_the_level_are_not_logged(lines: Callable[..., list[str]], level: str, count: int) -> None:
    def log_all() -> None:
        for logger in (structlog.stdlib.get_logger("house"), logging.getLogger("library")):
            for name in ("debug", "info", "warning", "error"):
                getattr(logger, name)("it")

    assert len(lines(log_all, log_level=level)) == count


def test_sql_statements_are_never_logged(lines: Callable[..., list[str]]) -> None:
    assert lines(lambda: logging.getLogger("sqlalchemy.engine.Engine").info("SELECT"), log_level="debug") == []


def fail() -> None:
    try:
        raise ValueError("a\nb")
    except ValueError:
        structlog.stdlib.get_logger("house").exception("it broke")
        logging.getLogger("library").exception("it broke, too")


def test_an_exception_follows_its_line_in_text(lines: Callable[..., list[str]]) -> None:
    found = lines(fail)
    heads = [line for line in found if not line.startswith("    ")]
    assert [head.split(": ", 1)[1] for head in heads] == ["it broke", "it broke, too"]
    assert "    ValueError: a" in found


def test_an_exception_is_a_field_in_json(lines: Callable[..., list[str]]) -> None:
    found = [json.loads(line) for line in lines(fail, log_format="json")]
    assert [line["message"] for line in found] == ["it broke", "it broke, too"]
    assert all("ValueError: a\nb" in line["exception"] for line in found)


def test_text_from_outside_cannot_forge_a_line(lines: Callable[..., list[str]]) -> None:
    hostile = "x\n2026-01-01T00:00:00Z info admin: all is well\r\x1b[2J\u2028 é猫"

    def log_it() -> None:
        structlog.stdlib.get_logger("house").info("class named %s", hostile, name=hostile)

    (line,) = lines(log_it)
    assert "\x1b" not in line
    assert "\\n2026" in line
    assert "é猫" in line
    (line,) = lines(log_it, log_format="json")
    assert json.loads(line)["name"] == hostile


def test_values_that_json_cannot_hold_are_written_as_text(lines: Callable[..., list[str]]) -> None:
    (line,) = lines(lambda: structlog.stdlib.get_logger("house").info("it", what=Settings), log_format="json")
    assert "Settings" in json.loads(line)["what"]
