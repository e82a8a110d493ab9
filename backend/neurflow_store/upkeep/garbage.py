"""Deletion of stored files that nothing refers to, and of files that killed writers left behind.

A writer first puts a file into the store and then, at most ``orphan_seconds`` later, records it together with the rows
that refer to it. Deletion goes the other way:

1. List the recorded files that no row refers to and that were not used for ``orphan_seconds``.
2. Delete each record, unless the file was used since: from now on, whoever refers to the file must record it again.
3. Delete the bytes, unless they were put again since. If a writer puts the file at the same time, either its record
   renews the old one and step 2 spares it, or its bytes are newer and step 3 spares them, or it writes them again
   after step 3.
4. Find bytes that were put but never recorded, because a worker was killed or a disk was full, by listing the store:
   one part each time, all of it in about a day if this runs hourly.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from neurflow_store.artifacts import ArtifactStore
from neurflow_store.artifacts.store import SHARDS
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import artifacts, references
from neurflow_store.upkeep.leftovers import remove_leftovers

_PER_HOUR: Final = 11
_AT_ONCE: Final = 500


def collect(database: Database, store: ArtifactStore, settings: Settings, shards: Sequence[str] | None = None) -> int:
    """Delete unused files.

    Args:
        database: the installation's database.
        store: its stored files.
        settings: for ``orphan_seconds`` and the data folder.
        shards: the parts of the store to list; by default the current hour's.

    Returns:
        The number of deleted files.
    """
    time = now()
    before = time - timedelta(seconds=settings.orphan_seconds)
    count = _delete_unused(database, store, before)
    for shard in _shards_of_hour(time) if shards is None else shards:
        count += _delete_unrecorded(database, store, shard, before)
    store.tidy(before)
    remove_leftovers(database, settings, before)
    return count


def _delete_unused(database: Database, store: ArtifactStore, before: datetime) -> int:
    with database.reading() as session:
        digests = references.unused(session, before)
    count = 0
    for start in range(0, len(digests), _AT_ONCE):
        # In small batches: SQLite's other writers wait for this one.
        with database.writing() as session:
            forgotten = [d for d in digests[start : start + _AT_ONCE] if artifacts.forget(session, d, before)]
        count += sum(store.delete(digest, unless_put_since=before) for digest in forgotten)
    return count


def _delete_unrecorded(database: Database, store: ArtifactStore, shard: str, before: datetime) -> int:
    found = list(store.stored(shard, before))
    if not found:
        return 0
    with database.reading() as session:
        strays = references.unrecorded(session, found)
    return sum(store.delete(digest, unless_put_since=before) for digest in strays)


def _shards_of_hour(time: datetime) -> Sequence[str]:
    start = int(time.timestamp() // 3600) * _PER_HOUR
    return [SHARDS[(start + i) % len(SHARDS)] for i in range(_PER_HOUR)]
