"""Share links: who has the token of one sees its view, and of the rest just the circuit that the view shows.

1. A token is 192 random bits. It is told once; its SHA-256 is kept, by which a link is looked up.
2. A link that was revoked or whose time is over says only that; one that never was, or whose view is gone, only that.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Conflict, Forbidden, Gone, NotFound
from neurflow_store.repositories import changes
from neurflow_store.repositories.requests import locked
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.views import own_view
from neurflow_store.tables import ChangeKind, Circuit, ShareLink, View, Visibility
from neurflow_store.visibility import manages, narrowed_to

TOKEN_BYTES: Final = 24
MOST_LINKS: Final = 200
"""Of one view, those that are still good."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")
_UNKNOWN: Final = "this link leads nowhere: ask the one who sent it for another"
_OVER: Final = "this link is no longer good: ask the one who sent it for another"


@dataclass(frozen=True)
class Grant:
    """What a link lets its holder do: read one circuit and at most one analysis, and write notes where it says so.

    ``anonymous`` where no account is asked for.
    """

    link_id: str
    view_id: str
    circuit_id: str
    analysis_id: str | None
    may_comment: bool
    anonymous: bool
    expires_at: datetime | None


def _check_goes_out(session: Session, circuit_id: str) -> None:
    user_id = narrowed_to(session)
    if user_id is None:
        return
    theirs = or_(Circuit.visibility == Visibility.PUBLIC, manages(Circuit, user_id))
    if session.scalar(select(Circuit.id).where(Circuit.id == circuit_id, theirs)) is None:
        raise Forbidden(
            f"a link without an account would show circuit {circuit_id!r} to whoever has it, which its owner or an "
            "editor of its space may allow: make one for people with an account, or ask them"
        )


def create_link(
    session: Session,
    who: Author,
    view_id: str,
    *,
    may_comment: bool = False,
    anonymous: bool = True,
    expires_at: datetime | None = None,
) -> tuple[ShareLink, str]:
    """A new link to a view, and its token, which nobody can tell later.

    Raises:
        NotFound: there is no such view.
        Forbidden: it is somebody else's, or would give the circuit to people without an account, and that is for those
            who may change the circuit to decide.
        BadValue: it would be over already.
        Conflict: the view has too many links.
    """
    view = own_view(session, who, view_id)
    if anonymous:
        _check_goes_out(session, view.circuit_id)
    moment = now()
    if expires_at is not None and expires_at <= moment:
        raise BadValue(f"expires_at {expires_at.isoformat()} is over: choose a later time, or leave it out")
    good = select(ShareLink.id).where(ShareLink.view_id == view_id, ShareLink.revoked_at.is_(None))
    if len(session.scalars(good).all()) >= MOST_LINKS:
        raise Conflict(f"view {view_id!r} has {MOST_LINKS} links: revoke those that nobody needs")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ShareLink(
        id=secrets.token_hex(8),
        view_id=view_id,
        digest=digest_of(token),
        may_comment=may_comment,
        anonymous=anonymous,
        owner_id=who.user_id,
        created_at=moment,
        expires_at=expires_at,
    )
    session.add(link)
    session.flush()
    return link, token


def revoke_link(session: Session, who: Author, view_id: str, link_id: str) -> str:
    """Takes a link back at once, for those who look through it too. Gives the circuit's id.

    Raises:
        NotFound: there is no such view, or no such link to it.
        Forbidden: the view is somebody else's.
    """
    view = own_view(session, who, view_id)
    link = session.get(ShareLink, link_id, populate_existing=True)
    if link is None or link.view_id != view_id:
        raise NotFound(f"view {view_id!r} has no link {link_id[:20]!r}")
    if link.revoked_at is None:
        locked(session, Circuit, view.circuit_id)
        link.revoked_at = now()
        changes.note(session, view.circuit_id, ChangeKind.ACCESS, link.id)
    return view.circuit_id


def opened(session: Session, token: str) -> Grant:
    """What the holder of a token may do.

    Raises:
        NotFound: no link has it, or the view is gone.
        Gone: it was revoked, or its time is over.
    """
    found = _found(session, [token])
    if not found:
        raise NotFound(_UNKNOWN)
    link, view = found[0]
    if not is_good(link, now()):
        raise Gone(_OVER)
    return _grant(link, view)


def grants(session: Session, tokens: Iterable[str]) -> list[Grant]:
    """What the holder of some tokens may do, in their order; of those that are good."""
    moment = now()
    return [_grant(link, view) for link, view in _found(session, tokens) if is_good(link, moment)]


def is_good(link: ShareLink, moment: datetime) -> bool:
    """Whether a link is neither revoked nor over."""
    return link.revoked_at is None and (link.expires_at is None or moment < link.expires_at)


def digest_of(token: str) -> str:
    """By what a token is kept."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _found(session: Session, tokens: Iterable[str]) -> list[tuple[ShareLink, View]]:
    digests = [digest_of(token) for token in tokens if _TOKEN.fullmatch(token)]
    if not digests:
        # The same way through the database, so that a wrong form takes no other time than a wrong token.
        digests = [digest_of("")]
    rows = session.execute(
        select(ShareLink, View)
        .join(View, View.id == ShareLink.view_id)
        .where(ShareLink.digest.in_(digests))
        .execution_options(populate_existing=True)
    ).all()
    return [(link, view) for digest in digests for link, view in rows if compare_digest(link.digest, digest)]


def _grant(link: ShareLink, view: View) -> Grant:
    return Grant(link.id, view.id, view.circuit_id, view.analysis_id, link.may_comment, link.anonymous, link.expires_at)
