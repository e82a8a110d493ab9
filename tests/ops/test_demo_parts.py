"""The parts of ``neurflow demo`` that need no process: its first circuits, its port, its roles, its browser."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from neurflow.cli import main
from neurflow_store.asking.requests import delete
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Circuit, Dataset, Evaluation, Job, JobKind, JobState, Network
from neurflow_worker.demo import supervisor
from neurflow_worker.demo.processes import Role
from neurflow_worker.demo.seeding import Seeding
from tests.services.fixtures import RecordingAnnouncer
from tests.services.processes import free_port

CLASSES = ["cat", "coffee", "flower", "rocket"]


class Inspector:
    """Replaces the clock of the seeding: when it waits, the queued jobs are done as a worker would."""

    def __init__(self, database: Database, state: JobState = JobState.SUCCEEDED) -> None:
        self._database, self._state = database, state
        self.ending = self
        self._looks = 0

    def wait(self, seconds: float) -> bool:
        """Replaces the event that ends the demo: set after many polls."""
        with self._database.writing() as session:
            for job in session.scalars(select(Job).where(Job.state == JobState.QUEUED, Job.kind != JobKind.EVALUATE)):
                job.state, job.finished_at = self._state, now()
                job.problem = (
                    {"type": "x", "title": "x", "detail": "no room"} if self._state == JobState.FAILED else None
                )
                kind = Network if job.kind == JobKind.INSPECT_NETWORK else Dataset
                owner = session.get(kind, job.subject)
                if isinstance(owner, Network | Dataset) and self._state == JobState.SUCCEEDED:
                    owner.digest = f"sha256:{'0' * 64}"
                    owner.classes = CLASSES if isinstance(owner, Network) else []
        self._looks += 1
        return self._looks > 20


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def seeding(database: Database, settings: Settings, announcer: RecordingAnnouncer, said: list[str]) -> Seeding:
    return Seeding(database, announcer, settings, said.append)


def classes(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(select(Circuit.class_name)))


def run(seeding: Seeding, inspector: Inspector) -> None:
    seeding.run(inspector)  # type: ignore[arg-type]


def test_the_first_circuits_are_requested_once(database: Database, seeding: Seeding, said: list[str]) -> None:
    run(seeding, Inspector(database))
    assert classes(database) == CLASSES
    assert said == ["the first circuit is finished: cat"]
    with database.writing() as session:
        cat = session.scalars(select(Circuit).where(Circuit.class_name == "cat")).one()
        assert {key: cat.parameters[key] for key in ("images", "top_k", "tau")} == {"images": 20, "top_k": 20, "tau": 8}
        assert session.scalars(select(Evaluation)).one() is not None
        delete(session, cat.id)
    run(seeding, Inspector(database))
    assert classes(database) == CLASSES[1:]


def test_a_new_database_in_an_old_folder_gets_the_circuits_once(database: Database, seeding: Seeding) -> None:
    for _ in range(2):
        seeding.forget()
        run(seeding, Inspector(database))
        assert classes(database) == CLASSES


def test_a_failed_inspection_is_reported_and_repeated_at_the_next_start(
    database: Database, seeding: Seeding, said: list[str]
) -> None:
    run(seeding, Inspector(database, JobState.FAILED))
    assert len(said) == 1
    assert said[0].endswith("failed: no room")
    assert classes(database) == []
    run(seeding, Inspector(database))
    assert classes(database) == CLASSES


def test_seeding_stops_when_the_demo_ends(database: Database, seeding: Seeding) -> None:
    ending = threading.Event()
    ending.set()
    seeding.run(ending)
    assert classes(database) == []


def test_a_port_in_use_is_reported_with_the_remedy(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = CliRunner().invoke(main, ["demo", "--port", str(port)])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert f"port {port} of 127.0.0.1 cannot be used (Address already in use): try --port {port + 1}" in result.stderr
    assert list(settings.home.iterdir()) == [], "nothing half-made"


def test_a_free_port_is_found() -> None:
    port = free_port()
    assert supervisor.free_port("127.0.0.1", port) == port
    assert supervisor.free_port("127.0.0.1", 0) > 0


@pytest.mark.parametrize(("cores", "threads", "wanted"), [(1, 0, "1"), (2, 0, "1"), (16, 0, "15"), (16, 4, "4")])
def test_one_core_is_left_for_other_processes(
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
    threads: int,
    wanted: str,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    web, circuits, interactive = supervisor.roles(make_settings(threads=threads), 8001)
    assert web.environment == {"NEURFLOW_PORT": "8001"}
    assert (circuits.arguments, circuits.environment["NEURFLOW_THREADS"]) == (("worker", "--queue", "circuits"), wanted)
    assert interactive.environment["OMP_NUM_THREADS"] == "1"


@pytest.mark.parametrize(("display", "browser", "opened"), [("", True, 0), (":0", True, 1), (":0", False, 0)])
def test_a_browser_is_opened_only_with_a_display(
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    display: str,
    browser: bool,
    opened: int,
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    supervisor._announce_ready("http://127.0.0.1:8000/", make_settings(), browser)
    assert len(addresses) == opened
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("NeurFlow Explorer is ready at http://127.0.0.1:8000/ ")


def test_a_data_folder_that_cannot_be_made_is_reported(
    make_settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_settings()
    (tmp_path / "file").touch()
    monkeypatch.setenv("NEURFLOW_HOME", str(tmp_path / "file" / "home"))
    result = CliRunner().invoke(main, ["demo", "--port", "0"])
    assert result.exit_code == 2
    assert result.stderr == (
        f"error: setting home is '{tmp_path}/file/home': {tmp_path}/file is a file: choose a folder "
        "(environment variable NEURFLOW_HOME)\n"
    )


def test_settings_that_the_server_refuses_end_the_demo_with_the_reason(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_settings()
    monkeypatch.setenv("NEURFLOW_HOST", "0.0.0.0")  # noqa: S104 - it is to be refused
    monkeypatch.setattr(supervisor, "roles", lambda settings, port: [Role("web", ("serve",))])
    result = CliRunner().invoke(main, ["demo", "--port", "0"])
    assert result.exit_code == 2
    assert "error: the web server does not start: host 0.0.0.0 can be reached from other machines" in result.stderr
