"""Import a circuit into the data folder, from a folder of `neurflow trace` or a zip file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from neurflow_store.cli.errors import OneLine, store_errors

if TYPE_CHECKING:
    from neurflow_store.artifacts import ArtifactStore
    from neurflow_store.installation.database import Database
    from neurflow_store.installation.settings import Settings
    from neurflow_store.tables import Circuit, Job, Queue

_LOOK_SECONDS: Final = 0.2
_LONGEST_NAME: Final = 200


@click.command("import", short_help=__doc__)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="Display name.  [default: its name where it was exported]")
@click.option(
    "--visibility",
    type=click.Choice(("private", "team", "public")),
    default="team",
    show_default=True,
    help="Who can see a new circuit. It has no owner: `neurflow visibility` gives it one.",
)
@store_errors
def command(path: Path, name: str | None, visibility: str) -> None:
    """Import the circuit at PATH: a folder written by `neurflow trace`, or a zip file. Works without a running server.

    The circuit is validated first, and keeps its id unless another circuit has it. Importing it again changes nothing.
    """
    from neurflow_store.installation.logs import configure_logging
    from neurflow_store.installation.settings import load_settings
    from neurflow_store.tables import JobState
    from neurflow_worker.cli.opening import opened

    settings = load_settings()
    configure_logging(settings.model_copy(update={"log_level": "error"}))
    with opened(settings) as (database, store):
        circuit = _requested(path, name, visibility, settings, database, store)
        if circuit.computed_at is not None:
            click.echo(f"{circuit.id} is already imported")
            return
        try:
            job = _done(circuit.job_id, settings, database, store)
        except BaseException:
            _forget(circuit.id, database)
            raise
        if job.state is not JobState.SUCCEEDED:
            _forget(circuit.id, database)
            raise OneLine(f"{path}: {(job.problem or {}).get('detail', f'the import is {job.state.value}')}")
    click.echo(f"{circuit.id} imported from {path}")


class _Silent:
    """Announces no jobs, because the import runs in this process."""

    def announce(self, queue: Queue, job_id: str) -> None:
        """Do nothing; a worker that finds the job anyway may run it as well."""


def _requested(
    path: Path, name: str | None, visibility: str, settings: Settings, database: Database, store: ArtifactStore
) -> Circuit:
    """Store the archive and return the circuit's row, with its job."""
    from neurflow_store.asking.requests import request_import
    from neurflow_store.exports.bundle import read_label
    from neurflow_store.repositories import artifacts
    from neurflow_store.tables import Visibility
    from neurflow_store.users.spaces import VisibilityChoice

    visible = VisibilityChoice(Visibility(visibility))
    with _archive(path, settings) as (archive, class_name):
        label = read_label(archive)
        digest = store.put_file(archive)
    name = name or label.name or _name_of(class_name)
    with database.writing() as session:
        artifacts.record(session, digest, "application/zip", store.size(digest))
        return request_import(
            session, _Silent(), archive=digest, id=label.id, name=name, file=label.file, visible=visible
        )


def _name_of(class_name: str) -> str | None:
    """Return a circuit name derived from its class, if the class name is usable."""
    return class_name.strip()[:_LONGEST_NAME].strip() or None if class_name.isprintable() else None


@contextmanager
def _archive(path: Path, settings: Settings) -> Iterator[tuple[Path, str]]:
    """Yield a circuit's archive and its class, with the circuit validated."""
    from neurflow.result.file_format import validate_folder
    from neurflow.terms.errors import FormatError
    from neurflow_store.artifacts.store import storage_errors
    from neurflow_store.exports.bundle import read_bundle

    base = settings.work / "imports"
    with storage_errors(str(base)):
        base.mkdir(parents=True, exist_ok=True)
    with storage_errors(str(path)), TemporaryDirectory(dir=base) as temporary:
        if path.is_dir():
            yield _packed(path, Path(temporary, "archive.zip"))
            return
        folder = Path(temporary, "bundle")
        read_bundle(path, folder)
        try:
            circuit = validate_folder(folder)
        except FormatError as error:
            raise FormatError(str(error).replace(str(folder), str(path))) from None
        yield path, circuit.target.name


def _packed(folder: Path, archive: Path) -> tuple[Path, str]:
    """Pack a folder's circuit into an archive, without unrelated files; return the archive and the class."""
    from neurflow.result.file_format import validate_folder
    from neurflow_store.exports.bundle import Source, bundle_files, read_folder, write_zip
    from neurflow_store.exports.bundle_members import CIRCUIT_FILE

    circuit = validate_folder(folder)
    info = read_folder(folder)
    files = {exemplar.file for group in circuit.groups for exemplar in group.exemplars}
    pictures: dict[str, Source] = {file: partial(_opened, folder / file) for file in files}
    images: dict[int, Source] = {position: partial(_opened, file) for position, file in info.images.items()}
    with archive.open("wb") as stream:
        write_zip(stream, bundle_files((folder / CIRCUIT_FILE).read_bytes(), pictures, images, info.id, info.name))
    return archive, circuit.target.name


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _done(job_id: str, settings: Settings, database: Database, store: ArtifactStore) -> Job:
    """Run the job, unless a worker was quicker, and return it once it has ended."""
    from neurflow_store.installation.events import publisher
    from neurflow_store.jobs.queue import find
    from neurflow_store.tables import JobState
    from neurflow_worker.library.loading import Library
    from neurflow_worker.runner import Runner
    from neurflow_worker.running.context import WorkerContext

    telling = publisher(settings)
    worker = WorkerContext(settings, database, store, telling, "neurflow import", Library(settings, store))
    try:
        Runner(worker).run(job_id)
    finally:
        telling.close()
    while True:
        with database.reading() as session:
            job = find(session, job_id)
        if job.state is not JobState.RUNNING:
            return job
        time.sleep(_LOOK_SECONDS)


def _forget(circuit_id: str, database: Database) -> None:
    """Delete what is left of a failed import."""
    from neurflow_store.asking.requests import delete

    with database.writing() as session:
        delete(session, circuit_id)
