"""Share links: everyone who has a link's token can see its view and that view's circuit, and nothing else.

1. A token is 192 random bits. It is shown once; its SHA-256 is stored and used to look up the link.
2. A revoked or expired link says only that; so does one that never existed or whose view was deleted.
3. With accounts, a link works while its owner may share what it shows (:mod:`neurflow_store.sharing.link_rights`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Conflict, Forbidden, Gone, NotFound
from neurflow_store.repositories import changes
from neurflow_store.repositories.requests import locked
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.link_rights import check_may_publish, check_may_share, links_with_rights
from neurflow_store.sharing.views import own_view
from neurflow_store.tables import ChangeKind, Circuit, ShareLink, View

TOKEN_BYTES: Final = 24
MOST_LINKS: Final = 200
"""The valid links of one view."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")
_UNKNOWN: Final = "this link does not exist: ask the sender for a new one"
_OVER: Final = "this link was revoked or has expired: ask the sender for a new one"
PAUSED: Final = (
    "this link does not work at present: the person who created it may no longer share what it shows. Ask them, or the "
    "owner of the circuit"
)
_AT_ONCE: Final = 500


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
        Forbidden: the view belongs to another user, or its creator may not share what the link would show.
        BadValue: the link would have expired already.
        Conflict: the view has too many links.
    """
    view = own_view(session, who, view_id)
    check_may_share(session, view.circuit_id, anonymous)
    check_may_publish(session, view.analysis_id)
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
    _revoke(session, view.circuit_id, link)
    return view.circuit_id


def revoke_circuit_link(session: Session, circuit_id: str, link_id: str) -> None:
    """Do the same for someone who may change the circuit, which the caller has checked; whoever owns the view.

    Raises:
        NotFound: no view of the circuit has such a link.
    """
    link = session.get(ShareLink, link_id, populate_existing=True)
    view = None if link is None else session.get(View, link.view_id)
    if link is None or view is None or view.circuit_id != circuit_id:
        raise NotFound(f"circuit {circuit_id!r} has no link {link_id[:20]!r}")
    _revoke(session, circuit_id, link)


def opened(session: Session, token: str, accounts: bool = True) -> Grant:
    """Return what a token allows. Without ``accounts`` everyone may do everything, also the owner of a link.

    Raises:
        NotFound: no link has the token, or the view was deleted.
        Gone: the link was revoked or has expired.
        Forbidden: the link's owner may not share what it shows.
    """
    found = _found(session, [token])
    if not found:
        raise NotFound(_UNKNOWN)
    link, view, owner_may = found[0]
    if not is_good(link, now()):
        raise Gone(_OVER)
    if accounts and not owner_may:
        raise Forbidden(PAUSED)
    return _grant(link, view)


def grants(session: Session, tokens: Iterable[str], accounts: bool = True, paused: bool = False) -> list[Grant]:
    """Return what some tokens allow, in order; only for links that work, or with ``paused`` only for paused ones."""
    moment = now()
    return [
        _grant(link, view)
        for link, view, owner_may in _found(session, tokens)
        if is_good(link, moment) and (owner_may or not accounts) is not paused
    ]


def working(session: Session, link_ids: Collection[str], accounts: bool = True) -> frozenset[str]:
    """Return which of some links work now."""
    every, moment, found = list(link_ids), now(), set[str]()
    for start in range(0, len(every), _AT_ONCE):
        part = links_with_rights(ShareLink).where(ShareLink.id.in_(every[start : start + _AT_ONCE]))
        rows = session.execute(part.execution_options(populate_existing=True))
        found.update(link.id for link, owner_may in rows if is_good(link, moment) and (owner_may or not accounts))
    return frozenset(found)


def is_good(link: Any, moment: datetime) -> bool:
    """Return whether a link, or a row with its columns, is neither revoked nor expired."""
    return link.revoked_at is None and (link.expires_at is None or moment < link.expires_at)


def digest_of(token: str) -> str:
    """Return the digest that is stored for a token."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _revoke(session: Session, circuit_id: str, link: ShareLink) -> None:
    if link.revoked_at is None:
        locked(session, Circuit, circuit_id)
        link.revoked_at = now()
        changes.note(session, circuit_id, ChangeKind.ACCESS, link.id)


def _found(session: Session, tokens: Iterable[str]) -> Sequence[tuple[ShareLink, View, bool]]:
    digests = [digest_of(token) for token in tokens if _TOKEN.fullmatch(token)]
    if not digests:
        # Query the database either way, so that a malformed token takes as long as a wrong one.
        digests = [digest_of("")]
    statement = links_with_rights(ShareLink, View).where(ShareLink.digest.in_(digests))
    rows = session.execute(statement.execution_options(populate_existing=True)).all()
    return [(*row,) for digest in digests for row in rows if compare_digest(row[0].digest, digest)]


def _grant(link: ShareLink, view: View) -> Grant:
    return Grant(link.id, view.id, view.circuit_id, view.analysis_id, link.may_comment, link.anonymous, link.expires_at)
