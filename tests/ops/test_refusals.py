"""What an operator can mend is one line and an exit code, whichever command finds it first: never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from neurflow_store.installation.settings import Settings

START = [sys.executable, "-c", "from neurflow.cli import main; main()"]
COMMANDS = [("migrate",), ("serve", "--port", "0"), ("sweeper", "--once"), ("worker",), ("users", "list")]


def refused(command: tuple[str, ...], **environment: str) -> str:
    """The one line that a command ends with."""
    result = subprocess.run(  # noqa: S603 - our own words
        [*START, *command], env=os.environ | environment, capture_output=True, text=True, timeout=100, check=False
    )
    told = result.stderr
    assert result.returncode == 2, (result.returncode, result.stdout + told)
    assert told.startswith("error: ") and told.count("\n") == 1, told
    assert "ready" not in result.stdout and "listens" not in result.stdout
    return told


@pytest.fixture
def home(make_settings: Callable[..., Settings], sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a database."""
    monkeypatch.setenv("NEURFLOW_DATABASE_URL", sqlite_url)
    return make_settings().home


@pytest.mark.parametrize("command", [*COMMANDS, ("demo", "--no-browser"), ("settings",)], ids=lambda words: words[0])
@pytest.mark.parametrize("below", ["", "below"])
def test_a_data_folder_that_is_a_file(home: Path, command: tuple[str, ...], below: str) -> None:
    file = home / "file"
    file.touch()
    told = refused(command, NEURFLOW_HOME=str(file / below))
    assert f"{file} is a file: choose a folder" in told


@pytest.mark.parametrize("command", COMMANDS[1:4], ids=lambda words: words[0])
def test_a_store_whose_package_is_missing(home: Path, command: tuple[str, ...]) -> None:
    told = refused(command, NEURFLOW_ARTIFACTS_URL="gs://bucket/folder")
    assert told.endswith("needs a missing package: run pip install gcsfs\n")


@pytest.mark.parametrize("device", ["tpu", "cuda:99", "meta"])
def test_a_device_that_is_not_there(home: Path, device: str) -> None:
    assert f"device '{device}'" in refused(("worker",), NEURFLOW_DEVICE=device)


@pytest.fixture
def powerless(postgresql_url: str) -> Iterator[str]:
    """The address of a database by a role that may do nothing in it."""
    role = f"powerless_{uuid4().hex[:8]}"
    with closing(psycopg.connect(postgresql_url, autocommit=True)) as server:
        server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        yield postgresql_url.replace("neurflow@", f"{role}@")
        server.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(role)))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_role_without_rights(home: Path, powerless: str, command: tuple[str, ...]) -> None:
    told = refused(command, NEURFLOW_DATABASE_URL=powerless)
    assert "the database refuses this user: permission denied" in told
    assert "grant" in told


@pytest.mark.parametrize("command", [("worker",), ("sweeper", "--once")], ids=lambda words: words[0])
def test_a_role_that_may_only_read(home: Path, postgresql_url: str, powerless: str, command: tuple[str, ...]) -> None:
    role = powerless.partition("//")[2].partition("@")[0]
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(sql.Identifier(role)))
    assert "the database refuses this user: permission denied" in refused(command, NEURFLOW_DATABASE_URL=powerless)
