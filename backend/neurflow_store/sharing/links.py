"""Share links: everyone who has a link's token can see its view and that view's circuit, and nothing else.

1. A token is 192 random bits. It is shown once; its SHA-256 is stored and used to look up the link.
2. A revoked or expired link says only that; so does one that never existed or whose view was deleted.
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
"""The valid links of one view."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")
_UNKNOWN: Final = "this link does not exist: ask the sender for a new one"
_OVER: Final = "this link was revoked or has expired: ask the sender for a new one"


@dataclass(frozen=True)
class Grant:
    """What a link allows: read one circuit and at most one analysis, and write notes if it says so.

    ``anonymous`` if it works without an account.
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
            f"a link that works without an account shows circuit {circuit_id!r} to everyone who has it, which only its "
            "owner or an editor of its space can allow: create a link for users with an account, or ask them"
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
    """Create a link to a view; return it with its token, which cannot be read again.

    Raises:
        NotFound: the view does not exist.
        Forbidden: the view belongs to another user, or the link would show the circuit to people without an account,
            which only those who may change the circuit can allow.
        BadValue: the link would have expired already.
        Conflict: the view has too many links.
    """
    view = own_view(session, who, view_id)
    if anonymous:
        _check_goes_out(session, view.circuit_id)
    moment = now()
    if expires_at is not None and expires_at <= moment:
        raise BadValue(f"expires_at {expires_at.isoformat()} is in the past: choose a later time, or omit it")
    good = select(ShareLink.id).where(ShareLink.view_id == view_id, ShareLink.revoked_at.is_(None))
    if len(session.scalars(good).all()) >= MOST_LINKS:
        raise Conflict(f"view {view_id!r} has {MOST_LINKS} links: revoke some first")
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
    """Revoke a link at once, also for those who are using it. Returns the circuit's id.

    Raises:
        NotFound: the view does not exist, or has no such link.
        Forbidden: the view belongs to another user.
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
    """Return what a token allows.

    Raises:
        NotFound: no link has the token, or the view was deleted.
        Gone: the link was revoked or has expired.
    """
    found = _found(session, [token])
    if not found:
        raise NotFound(_UNKNOWN)
    link, view = found[0]
    if not is_good(link, now()):
        raise Gone(_OVER)
    return _grant(link, view)


def grants(session: Session, tokens: Iterable[str]) -> list[Grant]:
    """Return what some tokens allow, in order; only for valid ones."""
    moment = now()
    return [_grant(link, view) for link, view in _found(session, tokens) if is_good(link, moment)]


def is_good(link: ShareLink, moment: datetime) -> bool:
    """Return whether a link is neither revoked nor expired."""
    return link.revoked_at is None and (link.expires_at is None or moment < link.expires_at)


def digest_of(token: str) -> str:
    """Return the digest that is stored for a token."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _found(session: Session, tokens: Iterable[str]) -> list[tuple[ShareLink, View]]:
    digests = [digest_of(token) for token in tokens if _TOKEN.fullmatch(token)]
    if not digests:
        # Query the database either way, so that a malformed token takes as long as a wrong one.
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
