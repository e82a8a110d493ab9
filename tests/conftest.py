"""Rules for every test: no connection leaves this machine, and if ``CI`` is set no test is skipped.

The longest tests start first, so that no process is left with them at the end, and have more time until they count as
hung.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import time
from collections.abc import Callable, Generator
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

_LONG = ("ops", "e2e", "faults", "engine", "worker", "server", "client")
"""Folders of tests, those with the longest files first."""
_CAPTURED = ("tests/engine/network/", "tests/engine/method/test_activations", "tests/engine/method/test_walk")
"""Tests of networks that are slow to capture. One process runs them all, so that each network is captured once."""
_PATIENCE = {"ops": 900, "e2e": 900, "faults": 900, "worker": 900, "client": 900}
"""Seconds for a test of a folder that starts processes and computes circuits, including its fixtures."""
_SLOW_PATIENCE = 3600
_STARTED = "MAKE_TEST_STARTED"
"""An environment variable: when `make test` started, in seconds since 1970."""
_LOCAL_NAMES = {"", "localhost", "localhost.localdomain"}


class _NoSkips:
    """Turns skipped tests and modules into failures. An expected failure was run, so it stays."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.skipped and not hasattr(report, "wasxfail"):
            _fail(report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if report.skipped:
            _fail(report)
        return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"Skipped where CI is set: {reason}"


def pytest_configure(config: pytest.Config) -> None:
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    # Time depends on how busy the machine is. If CI is set, a change fails by its own fault, not by luck with examples.
    hypothesis.settings.register_profile("house", deadline=None, derandomize=in_ci, print_blob=True)
    hypothesis.settings.load_profile("house")
    if in_ci:
        config.pluginmanager.register(_NoSkips(), "no-skips")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        seconds = _SLOW_PATIENCE if any(item.iter_markers("slow")) else _PATIENCE.get(_folder(item))
        if seconds is not None and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(seconds))
    items.sort(key=lambda item: _LONG.index(folder) if (folder := _folder(item)) in _LONG else len(_LONG))


class _Files(LoadFileScheduling):  # type: ignore[misc]
    """Gives each process whole files, because the tests of a file share slow fixtures."""

    def _split_scope(self, nodeid: str) -> str:
        return _CAPTURED[0] if nodeid.startswith(_CAPTURED) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return _Files(config, log) if config.getoption("dist") == "loadfile" else None


def _folder(item: pytest.Item) -> str:
    """Return the folder of ``tests`` that holds a test, or nothing."""
    top, _, rest = item.nodeid.partition("/")
    return rest.partition("/")[0] if top == "tests" else ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how long `make test` took. Pytest's own last line stays the last one."""
    if began := os.environ.get(_STARTED):
        minutes, seconds = divmod(round(time.time() - float(began)), 60)
        terminalreporter.write_line(f"make test: {minutes} min {seconds} s, with all checks")


def _is_local(host: object) -> bool:
    """Return whether ``host``, a name or an address as sockets take it, is this machine."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or name in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _loopback_only(original: Callable[..., Any], position: int) -> Callable[..., Any]:
    """Wrap a method of a socket whose argument at ``position`` is the address, so that other machines are refused."""

    def guarded(self: socket.socket, *args: Any) -> Any:
        address = args[position]
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            raise RuntimeError(f"a test tried to reach {address[0]}: only this machine may be reached from tests")
        return original(self, *args)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Generator[None]:
    resolve = socket.getaddrinfo

    def local_names(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_local(host):
            raise RuntimeError(f"a test tried to look up {host}: only this machine may be reached from tests")
        return resolve(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", local_names)
        for name, position in (("connect", 0), ("connect_ex", 0), ("sendto", -1)):
            patch.setattr(socket.socket, name, _loopback_only(getattr(socket.socket, name), position))
        yield
