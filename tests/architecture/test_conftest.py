"""The rules of ``tests/conftest.py``: nothing leaves this machine, and no test is skipped if ``CI`` is set."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
# From the block reserved for documentation, so that nobody would answer.
ELSEWHERE = ("192.0.2.1", 80)


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
def test_a_connection_elsewhere_is_refused(call: str) -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        getattr(client, call)(ELSEWHERE)


def test_datagrams_and_look_ups_elsewhere_are_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        client.sendto(b"", ELSEWHERE)
    with pytest.raises(RuntimeError, match=r"example\.org"):
        socket.getaddrinfo("example.org", 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_can_be_reached(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection((host, server.getsockname()[1])):
        pass


SKIPS = """
import pytest

@pytest.mark.skip(reason="marked")
def test_marked(): pass

def test_called(): pytest.skip("called")

def documented():
    '''
    >>> 1  # doctest: +SKIP
    '''
"""


WHOLE = "import pytest\npytest.skip('whole', allow_module_level=True)\n"
SKIPPED = "Skipped where CI is set: Skipped:"
EXPECTED = "import pytest\n@pytest.mark.xfail\ndef test_it(): raise ValueError\n"


def _run(folder: Path, ci: str) -> tuple[int, list[str]]:
    """Run pytest over skips of every kind and an expected failure; return the exit status and the final summary."""
    (folder / "conftest.py").write_text(CONFTEST.read_text("utf-8"), "utf-8")
    for name, text in (("skips", SKIPS), ("whole", WHOLE), ("expected", EXPECTED)):
        (folder / f"test_{name}.py").write_text(text, "utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "MAKE"))}
    environment |= {"CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    options = ["--doctest-modules", "--continue-on-collection-errors", "-rA", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, "-c", os.devnull, str(folder)]
    result = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout.partition("short test summary info")[2].splitlines()[1:]


@pytest.fixture(scope="module")
def in_ci(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[str]]:
    """The result of a run with ``CI`` set."""
    return _run(tmp_path_factory.mktemp("nested"), "true")


def test_a_skipped_test_fails_the_run_if_ci_is_set(in_ci: tuple[int, list[str]]) -> None:
    status, lines = in_ci
    assert status == 1
    assert [line for line in lines if "test_skips.py" in line] == [
        f"ERROR test_skips.py::test_marked - {SKIPPED} marked",
        f"FAILED test_skips.py::test_skips.documented - {SKIPPED} all tests skipped by +SKIP option",
        f"FAILED test_skips.py::test_called - {SKIPPED} called",
    ]
    assert "2 failed, 1 xfailed" in lines[-1]


def test_a_skipped_module_fails_the_run_if_ci_is_set(in_ci: tuple[int, list[str]]) -> None:
    assert f"ERROR test_whole.py - {SKIPPED} whole" in in_ci[1]


def test_an_expected_failure_is_not_a_skip(in_ci: tuple[int, list[str]]) -> None:
    assert [line for line in in_ci[1] if "test_expected.py" in line] == ["XFAIL test_expected.py::test_it"]


def test_without_ci_a_skip_is_a_skip(tmp_path: Path) -> None:
    status, lines = _run(tmp_path, "")
    assert status == 0
    assert "5 skipped, 1 xfailed" in lines[-1]  # a module is skipped for its tests and for its examples
    assert not any(line.startswith(("FAILED", "ERROR")) for line in lines)


def test_the_duration_is_printed_before_the_last_line(pytestconfig: pytest.Config) -> None:
    hooks = pytestconfig.pluginmanager.hook.pytest_terminal_summary.get_hookimpls()
    (summary,) = [hook.function for hook in hooks if Path(hook.function.__code__.co_filename) == CONFTEST]
    said: list[str] = []
    reporter = SimpleNamespace(write_line=said.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MAKE_TEST_STARTED", raising=False)
        summary(reporter)
        assert said == []
        patch.setenv("MAKE_TEST_STARTED", str(int(time.time()) - 605))
        summary(reporter)
    assert re.fullmatch(r"make test: 10 min \d s, with all checks", said[0])
