"""Limits of an archive's size, checked while it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from neurflow_store.errors import BadUpload, TooLarge
from neurflow_store.installation.settings import Settings

CHUNK: Final = 256 * 1024
"""Number of bytes read at once."""

_RATIO_FROM: Final = 1024 * 1024
"""Small pictures of one colour shrink a thousandfold, and are harmless."""


def shown(name: str) -> str:
    """Return a member's name for a message: quoted and shortened."""
    return repr(name if len(name) <= 100 else f"{name[:100]}…")


@dataclass(frozen=True)
class Limits:
    """The limits of an archive.

    Attributes:
        files: maximum number of members, including folders.
        bytes: maximum size of all members, unpacked.
        ratio: maximum ratio of a member's unpacked to packed size.
        remedy: what to do about a larger archive; ``{}`` stands for the setting's name.
    """

    files: int
    bytes: int
    ratio: float
    remedy: str = "split it, or raise the setting {}"

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(settings.max_archive_files, settings.max_archive_bytes, settings.max_archive_ratio)


class Count:
    """The totals of an archive as it is read."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._files = 0
        self._bytes = 0

    def add_members(self, more: int = 1) -> None:
        """Count members, including folders.

        Raises:
            TooLarge: there are too many.
        """
        self._files += more
        if self._files > self.limits.files:
            remedy = self.limits.remedy.format("max_archive_files")
            raise TooLarge(f"the archive contains more than {self.limits.files:,} files: {remedy}")

    def add_bytes(self, more: int, out: int, packed: int, what: str) -> None:
        """Count unpacked bytes.

        Args:
            more: number of new bytes.
            out: total number of bytes from the same source.
            packed: the source's packed size in bytes.
            what: the source, for the message.

        Raises:
            TooLarge: the archive exceeds its limits.
            BadUpload: the source's ratio is too high.
        """
        self._bytes += more
        if self._bytes > self.limits.bytes:
            remedy = self.limits.remedy.format("max_archive_bytes")
            raise TooLarge(f"the archive unpacks to more than {self.limits.bytes:,} bytes: {remedy}")
        if out > _RATIO_FROM and out > self.limits.ratio * max(packed, 1):
            raise BadUpload(
                f"{what} grows more than {self.limits.ratio:g} times when unpacked: pack it with less compression"
            )
