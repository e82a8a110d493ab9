"""Who asks: a person of the accounts, or the one local user of an installation without any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.types import Scope as AsgiScope

from neurflow_store.tables import Role
from neurflow_store.users.credentials import Known
from neurflow_store.visibility import Viewer


@dataclass(frozen=True)
class Requester:
    """Who asks. ``role`` is what they may do with what they showed: a token may do less than its owner."""

    id: str | None
    name: str
    role: Role
    session: str | None = None
    """The digest of the session, where a browser asks."""

    @property
    def sees_all(self) -> bool:
        """Whether nothing is kept from them."""
        return self.role is Role.ADMIN

    @property
    def narrowed_to(self) -> str | None:
        """The user to whose things they are kept; ``None`` for all."""
        return None if self.sees_all else self.id

    @property
    def viewer(self) -> Viewer | None:
        """For whom the store reads; nobody in particular where there are no accounts."""
        return None if self.id is None else Viewer(self.id, self.sees_all, self.role.rank >= Role.EDITOR.rank)


LOCAL: Final = Requester(None, "local user", Role.ADMIN)
"""Where there are no accounts whoever comes in may do all."""
VISITOR: Final = Requester(None, "visitor", Role.VIEWER)
"""Who comes by a share link: the guard lets through what the link allows, and nothing else is asked of them."""


def requester_of(scope: AsgiScope) -> Requester:
    """Who sent a request."""
    found = scope.get("requester", LOCAL)
    assert isinstance(found, Requester)
    return found


def from_known(known: Known) -> Requester:
    """The person who showed something, in the role that it lets them act in."""
    user, role = known.user, known.user.role
    if known.scope is not None and known.scope.role.rank < role.rank:
        role = known.scope.role
    return Requester(user.id, user.name, role, known.session)
