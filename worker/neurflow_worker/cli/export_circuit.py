"""Export a circuit from the data folder to a file or folder."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from neurflow_store.cli.errors import OneLine, store_errors

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from neurflow_store.artifacts import ArtifactStore
    from neurflow_store.exports.stored import Form

_FOLDER = "folder"
_SUFFIXES = {"": _FOLDER, ".zip": "zip", ".json": "json", ".graphml": "graphml"}
_FORMATS = ("zip", _FOLDER, "json", "graphml", "csv", "attribution-graph")


@click.command("export", short_help=__doc__)
@click.argument("circuit_id", metavar="CIRCUIT_ID")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="New file or folder to write.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="zip: everything in one file, for `neurflow import`. folder: the same, unpacked. json: only circuit.json. "
    "graphml: groups and edges. csv: tables, in a zip file. attribution-graph: JSON for Neuronpedia and "
    "circuit-tracer.  [default: by the suffix of --out]",
)
@store_errors
def command(circuit_id: str, out: Path, form: str | None) -> None:
    """Export the circuit CIRCUIT_ID, such as cat-7k2m9, to a file or folder. Works without a running server."""
    from neurflow.result.safe_files import refuse_existing
    from neurflow_store.exports.stored import Form
    from neurflow_store.installation.settings import load_settings
    from neurflow_worker.cli.opening import opened

    form = form or _SUFFIXES.get(out.suffix.lower())
    if form is None:
        raise click.UsageError(f"the format of {out.name!r} is unclear: choose one with --format")
    refuse_existing(out)
    with opened(load_settings()) as (database, store), database.reading() as session:
        if form == _FOLDER:
            _write_folder(session, store, circuit_id, out)
        else:
            _write_file(session, store, circuit_id, Form(form), out)
    click.echo(f"{circuit_id} written to {out}")


def _write_folder(session: Session, store: ArtifactStore, circuit_id: str, out: Path) -> None:
    from neurflow.result.safe_files import new_folder
    from neurflow_store.exports.stored import bundle_files

    files = bundle_files(session, store, circuit_id)
    with new_folder(out) as write:
        for name, source in files:
            if isinstance(source, bytes):
                write(name, source)
            else:
                with source() as stream:
                    write(name, stream.read())


def _write_file(session: Session, store: ArtifactStore, circuit_id: str, form: Form, out: Path) -> None:
    from neurflow_store.exports.stored import export

    with export(session, store, circuit_id, form).stream as stream:
        _write_whole(out, stream)


def _write_whole(out: Path, source: IO[bytes]) -> None:
    """Write under a temporary name and rename, so that a file with the final name is always complete."""
    aside = out.with_name(f".{out.name}.writing-{secrets.token_hex(6)}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("xb") as stream:
            shutil.copyfileobj(source, stream)
            stream.flush()
            os.fsync(stream.fileno())
        aside.rename(out)
    except BaseException as error:
        with suppress(OSError):
            aside.unlink()
        if isinstance(error, OSError):
            raise OneLine(f"{out} cannot be written: {(error.strerror or str(error)).lower()}") from None
        raise
