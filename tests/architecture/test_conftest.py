"""What ``tests/conftest.py`` promises: nothing leaves this machine, and nothing is skipped where ``CI`` is set."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
# From the block that is set aside for documentation, so that nobody would answer.
ELSEWHERE = ("192.0.2.1", 80)


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
def test_a_connection_elsewhere_is_refused(call: str) -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        getattr(client, call)(ELSEWHERE)


def test_a_datagram_and_a_look_up_elsewhere_are_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        client.sendto(b"", ELSEWHERE)
    with pytest.raises(RuntimeError, match=r"example\.org"):
        socket.getaddrinfo("example.org", 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached(host: str) -> None:
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


def _run(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(CONFTEST.read_text("utf-8"), "utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    options = ["--doctest-modules", "-p", "no:cacheprovider", "-c", os.devnull]
    command = [sys.executable, "-m", "pytest", *options, str(folder)]
    return subprocess.run(  # noqa: S603 - our own interpreter and our own words
        command, cwd=folder, env={**environment, "CI": ci}, capture_output=True, text=True, check=False
    )


def test_a_skipped_test_fails_the_run_where_ci_is_set(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SKIPS)
    result = _run(tmp_path, "true")
    assert result.returncode == 1
    assert "2 failed, 1 error" in result.stdout.splitlines()[-1]
    assert "Skipped where CI is set: Skipped: marked" in result.stdout


def test_a_skipped_module_fails_the_run_where_ci_is_set(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import pytest\npytest.skip('whole', allow_module_level=True)\n")
    result = _run(tmp_path, "true")
    assert result.returncode != 0
    assert "Skipped where CI is set: Skipped: whole" in result.stdout


def test_elsewhere_a_skip_is_a_skip(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SKIPS)
    result = _run(tmp_path, "")
    assert result.returncode == 0
    assert "3 skipped" in result.stdout.splitlines()[-1]


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import pytest\n@pytest.mark.xfail\ndef test_it(): raise ValueError\n")
    assert _run(tmp_path, "true").returncode == 0
