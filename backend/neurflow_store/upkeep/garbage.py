"""Stored files that nothing refers to any more are deleted, and what killed writers left behind.

A file is put into the store first, and recorded with the rows that refer to it afterwards, ``orphan_seconds`` later at
most. The way back is the other way round:

1. Recorded files that no row refers to and that were not used for ``orphan_seconds`` are listed.
2. Each record is deleted, if the file was not used meanwhile: who refers to it from now on has to record it anew.
3. Then the bytes are deleted, unless they were put since. So where somebody puts the file while this goes on, either
   his record renews the old one and 2 spares it, or his bytes are newer and 3 spares them, or they are written anew
   after 3.
4. Bytes that were put and never recorded, since a worker was killed or its disk was full, are found by listing the
   store: a part of it each time, all of it in about a day where this is done hourly.
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
    """Deletes what nothing needs.

    Args:
        database: of the installation.
        store: its stored files.
        settings: for ``orphan_seconds`` and the data folder.
        shards: the parts of the store that are listed; by default those of this hour.

    Returns:
        How many files were deleted.
    """
    time = now()
    before = time - timedelta(seconds=settings.orphan_seconds)
    count = _delete_unused(database, store, before)
    for shard in _of_the_hour(time) if shards is None else shards:
        count += _delete_unrecorded(database, store, shard, before)
    store.tidy(before)
    remove_leftovers(database, settings, before)
    return count


def _delete_unused(database: Database, store: ArtifactStore, before: datetime) -> int:
    with database.reading() as session:
        digests = references.unused(session, before)
    count = 0
    for start in range(0, len(digests), _AT_ONCE):
        # Few at a time: SQLite's other writers wait for this one.
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


def _of_the_hour(time: datetime) -> Sequence[str]:
    start = int(time.timestamp() // 3600) * _PER_HOUR
    return [SHARDS[(start + i) % len(SHARDS)] for i in range(_PER_HOUR)]
