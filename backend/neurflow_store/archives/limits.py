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


@dataclass(frozen=True)
class Limits:
    """What an archive may hold.

    Attributes:
        files: members, folders among them.
        bytes: of all members unpacked.
        ratio: how many times a member may grow.
        remedy: what to do about an archive that holds more; ``{}`` stands for the setting's name.
    """

    files: int
    bytes: int
    ratio: float
    remedy: str = "split it, or raise the setting {}"

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(settings.max_archive_files, settings.max_archive_bytes, settings.max_archive_ratio)


class Count:
    """What one reading of an archive has found so far."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._files = 0
        self._bytes = 0

    def add_members(self, more: int = 1) -> None:
        """Members were found, be they folders.

        Raises:
            TooLarge: there are more than may be.
        """
        self._files += more
        if self._files > self.limits.files:
            remedy = self.limits.remedy.format("max_archive_files")
            raise TooLarge(f"the archive holds more than {self.limits.files:,} files: {remedy}")

    def add_bytes(self, more: int, out: int, packed: int, what: str) -> None:
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
        self._bytes += more
        if self._bytes > self.limits.bytes:
            remedy = self.limits.remedy.format("max_archive_bytes")
            raise TooLarge(f"the archive unpacks to more than {self.limits.bytes:,} bytes: {remedy}")
        if out > _RATIO_FROM and out > self.limits.ratio * max(packed, 1):
            raise BadUpload(
                f"{what} grows more than {self.limits.ratio:g}-fold when it is unpacked: pack it another way"
            )
