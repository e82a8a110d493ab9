"""Files that a job makes: put into the artifact store meanwhile, recorded in the transaction that writes its rows.

A file is safe only when the disk, or a store elsewhere, has said so, which takes milliseconds. Several threads wait for
that at once; most disks then do it for all in one go.
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
    """Puts files into a store and remembers what is to be recorded. At the end of its context all of them are there."""

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
        """Has a file stored; gives its digest.

        Raises:
            StorageError: this file or one before cannot be written.
        """
        digest = digest_of(data)
        if digest not in self._files:
            if len(self._waiting) >= _MOST_WAITING:
                self._waiting.popleft().result()
            self._files[digest] = (media_type, len(data))
            self._waiting.append(self._pool.submit(self._store.put, data))
        return digest

    def record(self, session: Session) -> None:
        """Notes what was put; with the rows that refer to it."""
        artifacts.record_all(session, [(digest, *known) for digest, known in self._files.items()])
