"""Who shares, labels and writes notes: a user, the one person of an installation without accounts, or a visitor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Author:
    """Who does something. ``name`` is kept beside it, for it is to be read when the account is gone.

    Args:
        user_id: the account; ``None`` for the one local user, and for visitors, who come by ``link_id``.
        name: as people know them.
        admin: whether they may change what is others'.
        link_id: the share link by which they come.
    """

    user_id: str | None
    name: str
    admin: bool = False
    link_id: str | None = None

    def owns(self, owner_id: str | None) -> bool:
        """Whether what ``owner_id`` made is theirs, or theirs to look after."""
        return self.admin or (self.user_id is not None and self.user_id == owner_id)
