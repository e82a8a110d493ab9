"""Untrusted archives: zip and tar files of class folders.

1. The first bytes determine the format: zip, tar, or tar compressed with gzip, bzip2 or xz.
2. Names are checked: no paths that lead outside, links, devices or encryption, and no duplicates, even if they differ
   in case (``paths``).
3. Bytes are counted while unpacking, whatever the archive claims: members, total bytes, and the ratio of each file
   (``limits``). No file is ever in memory as a whole.
4. Files other than images are skipped if they are common beside images, otherwise refused (``class_folders``).

A refused archive raises :class:`neurflow_store.errors.BadUpload` with the member and the reason, and leaves nothing on
disk.
"""

from __future__ import annotations

from neurflow_store.archives.class_folders import ArchiveListing, check_archive, unpack

__all__ = ["ArchiveListing", "check_archive", "unpack"]
