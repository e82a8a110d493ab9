"""The store's commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import OperationalError

from neurflow_store.cli.errors import store_errors
from neurflow_store.cli.migrate import command as migrate_command
from neurflow_store.cli.settings import command as settings_command
from neurflow_store.cli.sweeper import command as sweeper_command
from neurflow_store.cli.sweeper import stopped_by_signals
from neurflow_store.errors import SettingsError
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.upkeep import migrate, sweeper
from tests.services import processes


@pytest.fixture
def home(tmp_path: Path, make_settings: Callable[..., Settings]) -> Path:
    """The data folder that the environment names; no other setting is set."""
    return tmp_path / "home"


def call(command: click.Command, *words: str) -> Result:
    return CliRunner().invoke(command, list(words))


@pytest.mark.parametrize(
    ("name", "command"),
    [("migrate", migrate_command), ("settings", settings_command), ("sweeper", sweeper_command)],
)
def test_the_commands_are_listed(name: str, command: click.Command) -> None:
    (entry,) = entry_points(group="neurflow.commands", name=name)
    assert entry.load() is command
    assert call(command, "--help").exit_code == 0


def test_migrate_makes_the_tables_and_reports_it(empty_database_url: str, home: Path) -> None:
    runner = CliRunner(env={"NEURFLOW_DATABASE_URL": empty_database_url})
    assert runner.invoke(migrate_command, ["--check"]).exit_code == 2
    first = runner.invoke(migrate_command)
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout.endswith(f"migrated the tables from none to {migrate.HEAD}.\n")
    assert "the tables are up to date" in runner.invoke(migrate_command).stdout
    assert runner.invoke(migrate_command, ["--check"]).exit_code == 0
    database = Database(empty_database_url)
    migrate.check_schema(database)
    database.close()


def test_migrate_shows_no_password(home: Path) -> None:
    url = f"postgresql://anna:s3cret@127.0.0.1:{processes.free_port()}/neurflow"
    result = CliRunner(env={"NEURFLOW_DATABASE_URL": url}).invoke(migrate_command)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: the database does not answer: ")
    assert result.stderr.count("\n") == 1
    assert "s3cret" not in result.output


@pytest.mark.parametrize("command", [migrate_command, settings_command, sweeper_command])
def test_an_invalid_setting_is_one_line(home: Path, command: click.Command) -> None:
    result = CliRunner(env={"NEURFLOW_PORT": "many"}).invoke(command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: setting port is 'many': ")
    assert result.stderr.count("\n") == 1


def test_settings_lists_all(home: Path) -> None:
    result = CliRunner(env={"NEURFLOW_BROKER_URL": "redis://:s3cret@q/0"}).invoke(settings_command)
    assert result.exit_code == 0
    for name, field in Settings.model_fields.items():
        assert f"\n{name} = " in result.stdout
        assert str(field.description).split()[0] in result.stdout
    assert "broker_url = redis://:***@q/0\n    from: environment variable NEURFLOW_BROKER_URL\n" in result.stdout
    assert str(home / "settings.toml") in result.stdout
    assert "s3cret" not in result.output


def test_settings_are_printed_as_json(home: Path) -> None:
    result = CliRunner(env={"NEURFLOW_DATA_ROOTS": "/a"}).invoke(settings_command, ["--json"])
    told = json.loads(result.stdout)
    assert list(told) == list(Settings.model_fields)
    assert told["data_roots"]["value"] == ["/a"]
    assert told["data_roots"]["origin"] == "environment variable NEURFLOW_DATA_ROOTS"
    assert told["port"] == {
        "value": 8000,
        "origin": "default",
        "does": "The port that the web server listens on; 0 for a free one.",
    }


def test_settings_warns_of_misspelt_names(home: Path) -> None:
    result = CliRunner(env={"NEURFLOW_PROT": "1"}).invoke(settings_command, ["--json"])
    assert result.exit_code == 0
    assert result.stderr == "warning: the environment variable NEURFLOW_PROT is not a setting\n"


def test_the_sweeper_refuses_a_database_without_tables(home: Path) -> None:
    result = call(sweeper_command, "--once")
    assert (result.exit_code, result.stderr) == (2, "error: the database has no tables: run `neurflow migrate`\n")


def test_the_sweeper_can_run_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(migrate_command).exit_code == 0
    calls: list[int] = []
    monkeypatch.setattr(sweeper, "sweep_once", lambda *_: calls.append(1))
    assert call(sweeper_command, "--once").exit_code == 0
    assert calls == [1]


@pytest.fixture
def sweeping(home: Path) -> Iterator[subprocess.Popen[str]]:
    """`neurflow sweeper` as a process that has started."""
    assert call(migrate_command).exit_code == 0
    process = subprocess.Popen(
        [sys.executable, "-c", "from neurflow.cli import main; main()", "sweeper"],
        env={**os.environ, "NEURFLOW_HOME": str(home), "NEURFLOW_SWEEP_SECONDS": "0.1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "sweeper started" in process.stderr.readline()
    yield process
    process.kill()
    process.wait()
    process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_sweeper_ends_on_a_signal(sweeping: subprocess.Popen[str], number: signal.Signals) -> None:
    time.sleep(0.2)
    sweeping.send_signal(number)
    _, told = sweeping.communicate(timeout=20)
    assert sweeping.returncode == 0
    assert told.splitlines()[-1].endswith("sweeper stopped")
    assert "Traceback" not in told


def test_signal_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with stopped_by_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SettingsError("port is no port"), "error: port is no port\n"),
        (
            OperationalError("SELECT 1", {}, OSError("no route\nmore")),
            "error: the database does not answer: no route\n",
        ),
    ],
)
def test_errors_of_the_store_are_one_line(error: Exception, told: str) -> None:
    @click.command
    @store_errors
    def command() -> None:
        raise error

    result = call(command)
    assert (result.exit_code, result.stderr) == (2, told)


def test_other_errors_keep_their_traceback() -> None:
    @click.command
    @store_errors
    def command() -> None:
        raise ValueError

    assert isinstance(call(command).exception, ValueError)
