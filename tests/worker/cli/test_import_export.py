"""``neurflow import`` and ``neurflow export``: circuits in and out of a data folder, without a server."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from neurflow.cli import main
from neurflow.result.file_format import save_circuit, validate_folder
from neurflow_store.artifacts import artifact_store
from neurflow_store.exports import bundle
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Artifact, Circuit, Exemplar, Job, JobState, Visibility
from tests.engine.circuits import CIRCUIT, pictures_of
from tests.store.stored_circuit import CIRCUIT_ID, NAME, store_circuit


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An empty folder for the test."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def installation(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The environment of the commands; the logging that they set up is undone."""
    monkeypatch.setenv("NEURFLOW_DATABASE_URL", settings.database_url)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield settings
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def traced(out: Path) -> Path:
    """A folder as ``neurflow trace`` writes it."""
    save_circuit(CIRCUIT, pictures_of(CIRCUIT), out / "traced")
    return out / "traced"


@pytest.fixture
def stored(installation: Settings, database: Database) -> Settings:
    """An installation with one circuit."""
    store_circuit(database, artifact_store(installation))
    return installation


@pytest.mark.usefixtures("stored")
def test_an_exported_folder_is_read_by_the_engine(out: Path) -> None:
    result = run("export", CIRCUIT_ID, "--out", out / "cat")
    assert (result.exit_code, result.stdout) == (0, f"cat-7k2m9 written to {out / 'cat'}\n")
    assert validate_folder(out / "cat") == CIRCUIT
    assert left(out / "cat") == ["circuit.json", "explorer.json", "images", "patches"]
    assert bundle.read_folder(out / "cat").name == NAME


def test_a_circuit_is_imported_as_private(installation: Settings, database: Database, traced: Path) -> None:
    assert run("import", traced, "--visibility", "private").exit_code == 0
    with database.reading() as session:
        assert [circuit.visibility for circuit in session.query(Circuit)] == [Visibility.PRIVATE]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("name", "form", "start"),
    [
        ("cat.zip", None, b"PK"),
        ("cat.JSON", None, b"{"),
        ("cat.graphml", None, b"<?xml"),
        ("cat.zip", "csv", b"PK"),
        ("graph.json", "attribution-graph", b'{"metadata"'),
        ("deep/er/cat", "json", b"{"),
        ("cat.bundle", "zip", b"PK"),
    ],
)
def test_the_format_follows_from_the_name_or_the_option(out: Path, name: str, form: str | None, start: bytes) -> None:
    result = run("export", CIRCUIT_ID, "--out", out / name, *(["--format", form] if form else []))
    assert result.exit_code == 0, result.output
    assert (out / name).read_bytes().startswith(start)
    assert left((out / name).parent) == [Path(name).name]


@pytest.mark.usefixtures("stored")
def test_a_failed_export_is_one_line_and_leaves_nothing(out: Path) -> None:
    (out / "taken").write_text("mine")
    cases = [
        (("export", "dog-00000", "--out", out / "dog.zip"), "error: no circuit 'dog-00000'\n"),
        (("export", CIRCUIT_ID, "--out", out / "taken", "--format", "zip"), "taken exists: choose another"),
        (("export", CIRCUIT_ID, "--out", out / "taken" / "cat.zip"), "cannot be written: "),
        (("export", CIRCUIT_ID, "--out", out / "taken" / "cat"), "cannot be written, "),
        (("export", CIRCUIT_ID, "--out", out / "cat.xyz"), "choose one with --format"),
        (("export", CIRCUIT_ID, "--out", out / "cat", "--format", "pdf"), "'pdf' is not one of"),
    ]
    for arguments, message in cases:
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr
    assert left(out) == ["taken"]
    assert (out / "taken").read_text() == "mine"


def test_a_missing_picture_leaves_no_partial_folder(stored: Settings, out: Path) -> None:
    for file in (stored.home / "artifacts").rglob("*"):
        if file.is_file() and file.read_bytes().startswith(b"RIFF"):
            file.unlink()
    for name in ("cat", "cat.zip"):
        result = run("export", CIRCUIT_ID, "--out", out / name)
        assert result.exit_code == 2
        assert "no stored file" in result.stderr
    assert left(out) == []


def test_an_empty_installation_says_what_to_do(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, out: Path
) -> None:
    monkeypatch.setenv("NEURFLOW_DATABASE_URL", f"sqlite:///{out / 'none.db'}")
    result = run("export", CIRCUIT_ID, "--out", out / "cat")
    assert (result.exit_code, result.stderr) == (2, "error: the database has no tables: run `neurflow migrate`\n")
    assert left(out) == []


def rows(database: Database) -> dict[str, tuple[str, str | None, JobState]]:
    """Return the circuits by id: name, file and the state of their jobs."""
    with database.reading() as session:
        found = session.query(Circuit, Job).join(Job, Circuit.job_id == Job.id)
        return {circuit.id: (circuit.name, circuit.file, job.state) for circuit, job in found}


def test_a_trace_folder_is_imported_once(installation: Settings, database: Database, traced: Path, out: Path) -> None:
    result = run("import", traced)
    assert result.exit_code == 0, result.output
    ((id, (name, file, state)),) = rows(database).items()
    assert result.stdout == f"{id} imported from {traced}\n"
    assert (name, state) == ("cat", JobState.SUCCEEDED)
    assert id.startswith("cat-")
    again = run("import", traced, "--name", "Other")
    assert again.stdout == f"{id} is already imported\n"
    assert list(rows(database)) == [id]
    assert run("export", id, "--out", out / "back").exit_code == 0
    assert validate_folder(out / "back") == CIRCUIT
    with database.reading() as session:
        named = {digest for (digest,) in session.query(Artifact.digest)}
        assert {file} | {digest for (digest,) in session.query(Exemplar.picture)} <= named
    assert not any((installation.home / "work").rglob("*.*"))


@pytest.mark.parametrize("name", ["cat.zip", "cat"])
def test_an_exported_circuit_is_imported_unchanged(stored: Settings, database: Database, out: Path, name: str) -> None:
    before = rows(database)
    assert run("export", CIRCUIT_ID, "--out", out / name).exit_code == 0
    again = run("import", out / name)
    assert again.stdout == f"{CIRCUIT_ID} is already imported\n"
    assert rows(database) == before
    with database.writing() as session:
        session.query(Circuit).delete()
    result = run("import", out / name)
    assert result.stdout == f"{CIRCUIT_ID} imported from {out / name}\n"
    assert rows(database) == before
    assert run("export", CIRCUIT_ID, "--out", out / "back.zip").exit_code == 0
    assert bundle.read_bundle(out / "back.zip", out / "unpacked").name == NAME


def test_importing_a_different_circuit_with_an_id_in_use_gets_a_new_id(
    stored: Settings, database: Database, out: Path
) -> None:
    run("export", CIRCUIT_ID, "--out", out / "cat")
    file = out / "cat" / "circuit.json"
    file.write_text(file.read_text("utf-8").replace('"seconds": 1.25', '"seconds": 2.5'), "utf-8")
    result = run("import", out / "cat", "--name", "Other cats")
    assert result.exit_code == 0, result.output
    found = rows(database)
    assert len(found) == 2 and found[CIRCUIT_ID][0] == NAME
    (other,) = set(found) - {CIRCUIT_ID}
    assert other.startswith("cat-") and found[other][0] == "Other cats"


def test_an_invalid_circuit_is_refused_in_one_line_and_leaves_nothing(
    installation: Settings, database: Database, traced: Path, out: Path
) -> None:
    (out / "text.zip").write_text("hello")
    broken = out / "broken"
    shutil.copytree(traced, broken)
    (broken / "circuit.json").write_text("{", "utf-8")
    zipped = Path(shutil.make_archive(str(out / "broken"), "zip", broken))
    damaged = out / "damaged"
    shutil.copytree(traced, damaged)
    picture = damaged / "patches" / "000000.webp"
    picture.write_bytes(picture.read_bytes()[:20])
    cases = [
        (out / "text.zip", "error: the archive is damaged or not a zip file"),
        (broken, f"error: {broken / 'circuit.json'}: "),
        (zipped, f"error: {zipped / 'circuit.json'}: "),
        (damaged, f"error: {damaged}: "),
        (out / "nowhere", "does not exist"),
    ]
    for path, message in cases:
        result = run("import", path)
        assert (result.exit_code, result.stdout) == (2, ""), path
        assert message in result.stderr
        assert "Traceback" not in result.stderr
    assert rows(database) == {}
    with database.reading() as session:
        assert session.query(Job).count() == 0
    assert not any((installation.home / "work").rglob("*.*"))


def test_ctrl_c_during_an_import_leaves_nothing(
    installation: Settings, database: Database, traced: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("neurflow_worker.jobs.import_circuit.read_bundle", interrupted)
    result = run("import", traced)
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")
    assert rows(database) == {}
