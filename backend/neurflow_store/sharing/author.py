"""Authors of views, labels and notes: a user, the local user of an installation without accounts, or a visitor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Author:
    """Who does something. ``name`` is stored with it, so that it can be shown after the account is deleted.

    Args:
        user_id: the account; ``None`` for the local user and for visitors, who have a ``link_id``.
        name: display name.
        admin: whether they may change what others own.
        link_id: the share link that they use.
    """

    user_id: str | None
    name: str
    admin: bool = False
    link_id: str | None = None

    def owns(self, owner_id: str | None) -> bool:
        """Return whether they own what ``owner_id`` created, or may change it as administrator."""
        return self.admin or (self.user_id is not None and self.user_id == owner_id)
