"""How much an archive may hold, counted while it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from neurflow_store.errors import BadUpload, TooLarge
from neurflow_store.installation.settings import Settings

CHUNK: Final = 256 * 1024
"""Bytes that are read at once."""

_RATIO_FROM: Final = 1024 * 1024
"""Small pictures of one colour shrink a thousandfold, and harm nobody."""


def shown(name: str) -> str:
    """A member's name for a message: nothing in it that could be taken for anything else, and not all of a long one."""
    return repr(name if len(name) <= 100 else f"{name[:100]}…")


@dataclass
class Limits:
    """What is left of what an archive may hold."""

    most_files: int
    most_bytes: int
    most_times: float
    files: int = 0
    bytes: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(settings.max_archive_files, settings.max_archive_bytes, settings.max_archive_ratio)

    def count_member(self, more: int = 1) -> None:
        """A member was found, be it a folder.

        Raises:
            TooLarge: it is one too many.
        """
        self.files += more
        if self.files > self.most_files:
            raise TooLarge(
                f"the archive holds more than {self.most_files:,} files: split it, or raise the setting "
                "max_archive_files"
            )

    def count_bytes(self, more: int, out: int, packed: int, what: str) -> None:
        """Bytes came out.

        Args:
            more: how many.
            out: how many came out of the same source in all.
            packed: bytes of that source as it is packed.
            what: the source, for the message.

        Raises:
            TooLarge: the archive holds more than it may.
            BadUpload: the source grows too much.
        """
        self.bytes += more
        if self.bytes > self.most_bytes:
            raise TooLarge(
                f"the archive unpacks to more than {self.most_bytes:,} bytes: split it, or raise the setting "
                "max_archive_bytes"
            )
        if out > _RATIO_FROM and out > self.most_times * max(packed, 1):
            raise BadUpload(f"{what} grows more than {self.most_times:g}-fold when it is unpacked: pack it another way")
