"""Save a job's files: put them into the artifact store at once, record them in the transaction that writes its rows.

A file is safe only after the disk, or a remote store, has confirmed it, which takes milliseconds. Several threads wait
for this in parallel; most disks then confirm all files at once.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from sqlalchemy.orm import Session

from neurflow_store.artifacts import ArtifactStore, digest_of
from neurflow_store.repositories import artifacts

_THREADS: Final = 8
_MOST_WAITING: Final = 64


class Saver:
    """Puts files into a store and remembers what to record. All files are stored at the end of its context."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._files: dict[str, tuple[str, int]] = {}
        self._waiting: deque[Future[str]] = deque()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="saving")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            while error is None and self._waiting:
                self._waiting.popleft().result()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def put(self, data: bytes, media_type: str) -> str:
        """Store a file in the background and return its digest.

        Raises:
            StorageError: this or an earlier file cannot be written.
        """
        digest = digest_of(data)
        if digest not in self._files:
            if len(self._waiting) >= _MOST_WAITING:
                self._waiting.popleft().result()
            self._files[digest] = (media_type, len(data))
            self._waiting.append(self._pool.submit(self._store.put, data))
        return digest

    def record(self, session: Session) -> None:
        """Record the files, in the transaction of the rows that refer to them."""
        artifacts.record_all(session, [(digest, *known) for digest, known in self._files.items()])
