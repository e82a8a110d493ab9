"""What must be true of an installation at rest, whatever happened to it before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from neurflow.result.circuit_json import decode
from neurflow_store.artifacts import ArtifactStore, artifact_store
from neurflow_store.artifacts.store import SHARDS
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.queue import ENDED
from neurflow_store.repositories.references import digest_columns
from neurflow_store.tables import Artifact, Circuit, Edge, Group, Job, JobState
from neurflow_store.upkeep.garbage import collect
from neurflow_store.visibility import EVERYTHING


def check(settings: Settings) -> list[str]:
    """Return what is wrong in an installation of which no process runs: lost, doubled or half-written things."""
    database, store = Database(settings.database_url), artifact_store(settings)
    try:
        with database.reading() as session:
            found = [*_jobs(session), *_circuits(session, store), *_files(session, store)]
        collect(database, store, settings.model_copy(update={"orphan_seconds": 0.0}), SHARDS)
        return [*found, *_leftovers(settings)]
    finally:
        database.close()


def _jobs(session: Session) -> list[str]:
    rows = session.execute(select(Job.id, Job.kind, Job.state, Job.problem)).all()
    found = [f"job {id} ({kind}) is {state}" for id, kind, state, _ in rows if state not in ENDED]
    failed = (JobState.FAILED, JobState.CANCELLED)
    return found + [f"job {id} ({kind}) {state}: {problem}" for id, kind, state, problem in rows if state in failed]


def _circuits(session: Session, store: ArtifactStore) -> list[str]:
    found = []
    for circuit in session.scalars(select(Circuit), execution_options=EVERYTHING):
        if circuit.file is None:
            found.append(f"circuit {circuit.id} has no file")
            continue
        with store.open(circuit.file) as file:
            whole = decode(file.read())
        for table, wanted in ((Group, len(whole.groups)), (Edge, len(whole.edges))):
            rows = session.scalar(select(func.count()).select_from(table).where(table.circuit_id == circuit.id))
            if rows != wanted:
                found.append(f"circuit {circuit.id} has {rows} rows in {table.__tablename__}, its file {wanted}")
    return found


def _files(session: Session, store: ArtifactStore) -> list[str]:
    recorded = set(session.scalars(select(Artifact.digest)))
    found = []
    for digest in sorted(recorded):
        try:
            with store.open(digest) as file:
                content = hashlib.sha256(file.read()).hexdigest()
        except OSError as error:
            found.append(f"stored file {digest} cannot be read: {error}")
            continue
        if not digest.endswith(content):
            found.append(f"stored file {digest} has the content of {content}")
    for column in digest_columns():
        referred = set(session.scalars(select(column).where(column.is_not(None)).distinct()))
        found += [f"{column} refers to {digest}, which is not recorded" for digest in sorted(referred - recorded)]
    return found


def _leftovers(settings: Settings) -> list[str]:
    places = [settings.work, settings.home / "uploads", settings.home / "artifacts"]
    left = [path for place in places if place.exists() for path in place.rglob(".*") if path.is_file()]
    return [f"left behind: {path.relative_to(settings.home)}" for path in left]


def settings_of(home: Path, variables: Mapping[str, str]) -> Settings:
    """Return the settings of an installation that was started with environment ``variables``."""
    names = {field: variables.get(f"NEURFLOW_{field.upper()}") for field in Settings.model_fields}
    return Settings(home=home, **{field: value for field, value in names.items() if value is not None})  # type: ignore[arg-type]
