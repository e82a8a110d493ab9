"""Archives from strangers: zip and tar files of class folders, read without trust in who made them.

1. The format is told by the first bytes: zip, tar, and tar packed by gzip, bzip2 or xz.
2. Names are looked at: no path that leads outside, no links, devices, encryption; nothing twice, not even in another
   case (``paths``).
3. Bytes are counted as they come out, whatever the archive says of itself: members, bytes in all, and how many times a
   file grows (``limits``). Nothing is ever held in memory whole.
4. What is not an image is passed by if it usually lies beside images, or refused (``class_folders``).

What is refused gets :class:`neurflow_store.errors.BadUpload` with the member and the reason, and leaves nothing
behind on disk.
"""

from __future__ import annotations

from neurflow_store.archives.class_folders import ArchiveListing, check_archive, unpack

__all__ = ["ArchiveListing", "check_archive", "unpack"]
