"""Show share links and the views behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from neurflow_server import addresses
from neurflow_server.auth.requester import Requester
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.shared import CircuitLinkOut, LinkIn, LinkMade, Rights, SharedOut, ShareLinkOut
from neurflow_server.schemas.summaries import Named
from neurflow_server.services import views
from neurflow_store.clock import now
from neurflow_store.errors import NotFound
from neurflow_store.reach import EVERYONE, Part, of_circuit
from neurflow_store.repositories import views as reads
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.link_lists import links_of_circuit, links_of_view
from neurflow_store.sharing.links import Grant, create_link, is_good, opened
from neurflow_store.sharing.views import own_view
from neurflow_store.tables import Circuit
from neurflow_store.visibility import is_seen


def links(
    session: Session, who: Author, view_id: str, cursor: str | None, limit: int, accounts: bool
) -> Page[ShareLinkOut]:
    """Return a page of a view's links, for its owner. Without ``accounts`` no link is ever paused.

    Raises:
        NotFound: the view does not exist.
        Forbidden: it belongs to another user.
    """
    parts = of_circuit(session, own_view(session, who, view_id).circuit_id, EVERYONE)
    rows = links_of_view(session, view_id, cursor, limit)
    return Page[ShareLinkOut](
        items=[ShareLinkOut(**_values(row, parts, accounts)) for row in rows.items], next=rows.next
    )


def links_to(session: Session, circuit_id: str, cursor: str | None, limit: int, accounts: bool) -> Page[CircuitLinkOut]:
    """Return a page of all links to a circuit, for those who may change it.

    Raises:
        NotFound: the circuit does not exist.
    """
    parts = of_circuit(session, circuit_id, EVERYONE)
    rows = links_of_circuit(session, circuit_id, cursor, limit)
    items = [
        CircuitLinkOut(
            **_values(row, parts, accounts),
            view=Named(id=row.view_id, name=row.view_name),
            state=row.state,
            analysis=row.analysis_id,
            owner=None if row.owner_id is None else Named(id=row.owner_id, name=row.owner_name),
        )
        for row in rows.items
    ]
    return Page[CircuitLinkOut](items=items, next=rows.next)


def make(session: Session, who: Author, view_id: str, wanted: LinkIn, base: str) -> LinkMade:
    """Create a link; ``base`` is this server's address with a slash at the end."""
    link, token = create_link(
        session,
        who,
        view_id,
        may_comment=wanted.may_comment,
        anonymous=wanted.anonymous,
        expires_at=wanted.expires_at,
    )
    parts = of_circuit(session, own_view(session, who, view_id).circuit_id, EVERYONE)
    return LinkMade(**_values(link, parts, accounts=False), token=token, address=f"{base}s/{token}")


def open_link(session: Session, token: str, account: Requester | None) -> tuple[Grant, SharedOut]:
    """Return the view behind a link.

    Args:
        session: of the unrestricted database.
        token: the link's token.
        account: the user, if signed in.

    Raises:
        NotFound: no link has the token.
        Gone: the link was revoked or has expired.
        Forbidden: the link's owner may not share what it shows.
        LoginNeeded: the link requires an account.
    """
    grant = opened(session, token, accounts=account is None or account.id is not None)
    if not grant.anonymous and account is None:
        raise LoginNeeded("this link requires an account: sign in, and open it again")
    row = reads.view(session, grant.view_id)
    state, version = views.present_state(row)
    may_fork = account is not None and is_seen(session, Circuit, row.circuit_id, account.viewer)
    out = SharedOut(
        name=row.name,
        description=row.description,
        circuit=Named(id=row.circuit_id, name=row.circuit_name),
        analysis=None if row.analysis_id is None else Named(id=row.analysis_id, name=row.analysis_name),
        state=state,
        version=version,
        by=row.owner_name,
        picture=None if row.pictured_at is None else f"/s/{token}/picture",
        changed_at=row.changed_at,
        expires_at=grant.expires_at,
        rights=Rights(read=True, comment=grant.may_comment),
        view=grant.view_id if may_fork else None,
    )
    return grant, out


def picture(session: Session, token: str, account: Requester | None) -> Response:
    """Return the picture behind a link.

    Raises:
        NotFound: as :func:`open_link`, or the view has no picture.
        Gone, Forbidden, LoginNeeded: as :func:`open_link`.
    """
    grant, _ = open_link(session, token, account)
    try:
        found = reads.picture(session, grant.view_id)
    except NotFound:
        raise NotFound("this link has no picture") from None
    headers = {"Cache-Control": "private, max-age=300", "Content-Disposition": 'inline; filename="view.webp"'}
    return Response(found.picture, headers=headers, media_type="image/webp")


class LoginNeeded(NotFound):
    """The link requires an account: nothing about its view is revealed."""


def preload(shared: SharedOut) -> str:
    """Return the first request of a link's page."""
    return f"{addresses.API}/circuits/{shared.circuit.id}"


def _values(link: Any, parts: Sequence[Part], accounts: bool) -> dict[str, Any]:
    """Return the values of a link that was just created, or of a row with ``owner_may``."""
    paused = accounts and not link.owner_may
    return {
        "id": link.id,
        "may_comment": link.may_comment,
        "anonymous": link.anonymous,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
        "good": is_good(link, now()) and not paused,
        "paused": paused,
        "narrower": parts,
    }
