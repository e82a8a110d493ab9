"""The requester: a user, or the local user of an installation without accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.types import Scope as AsgiScope

from neurflow_store.tables import Role
from neurflow_store.users.credentials import Credential, allowed_role
from neurflow_store.visibility import Viewer


@dataclass(frozen=True)
class Requester:
    """The user behind a request. ``role`` is what their credential allows: a token can allow less than its owner."""

    id: str | None
    name: str
    role: Role
    session: str | None = None
    """The digest of the session, for a browser."""
    token: str | None = None
    """The id of the token, for a program."""

    @property
    def sees_all(self) -> bool:
        """Whether they can see everything."""
        return self.role is Role.ADMIN

    @property
    def narrowed_to(self) -> str | None:
        """The user to limit lists to; ``None`` for everything."""
        return None if self.sees_all else self.id

    @property
    def viewer(self) -> Viewer | None:
        """The user that the store reads for; ``None`` if there are no accounts."""
        return None if self.id is None else Viewer(self.id, self.sees_all, self.role.rank >= Role.EDITOR.rank)


LOCAL: Final = Requester(None, "local user", Role.ADMIN)
"""The local user, who may do everything if there are no accounts."""
VISITOR: Final = Requester(None, "visitor", Role.VIEWER)
"""A visitor with a share link: the guard admits only what the link allows."""


def requester_of(scope: AsgiScope) -> Requester:
    """Return who sent a request."""
    found = scope.get("requester", LOCAL)
    assert isinstance(found, Requester)
    return found


def from_credential(known: Credential) -> Requester:
    """Return the owner of a credential, with the role that it allows."""
    user = known.user
    return Requester(user.id, user.name, allowed_role(user.role, known.scope), known.session, known.token)
