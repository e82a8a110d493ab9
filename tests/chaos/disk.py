"""A disk that can be full: a small file system in memory, where this process may mount one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BYTES = 512 * 1024 * 1024


class SmallDisk:
    """A folder whose file system can be filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._ballast.open("wb") as file:
            size = 0
            while left := self._left():
                # Others write meanwhile: what is left now may be gone at once.
                with suppress(OSError):
                    os.posix_fallocate(file.fileno(), size, left)
                    size += left

    def _left(self) -> int:
        left = os.statvfs(self.folder)
        return left.f_bavail * left.f_frsize

    def free(self) -> None:
        """Give it all back."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A disk of half a gigabyte, mounted in ``folder``.

    Raises:
        SystemExit: this process may not mount one.
    """
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_BYTES}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:  # noqa: S603 - our own words
        raise SystemExit("this user may not mount a file system in memory: run it as root")
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S603, S607 - as above
