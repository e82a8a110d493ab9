"""Whether the owner of a share link may share what it shows: asked when it is created, and again at each use.

1. The owner is an editor or administrator who is not disabled, and sees the circuit.
2. A link that works without an account shows a public circuit, or one that its owner can change.
3. An image goes out only through a link of someone who can change its analysis and see the data set that it is from.
4. Administrators may share everything. A link without an owner was created before there were accounts: nobody answers
   for it, so it shows, without an image, what every user may see.

A link whose owner may not is paused: it works again as soon as its owner may.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import Session, aliased

from neurflow_store.errors import Forbidden
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, Dataset, Role, ShareLink, User, View, Visibility
from neurflow_store.visibility import EVERYTHING, edits, manages, narrowed_to, reaches_everyone, sees

_Owner = aliased(User)
_PUBLIC: Final = Circuit.visibility == Visibility.PUBLIC


def links_with_rights(*columns: Any) -> Select[Any]:
    """Select ``columns`` of links, views, circuits and :data:`LINK_OWNER`, and whether each link's owner may share."""
    may = case((_owner_may(), True), else_=False).label("owner_may")
    # The owner's rights do not depend on what the session's user can see.
    return (
        select(*columns, may)
        .select_from(ShareLink)
        .join(View, View.id == ShareLink.view_id)
        .join(Circuit, Circuit.id == View.circuit_id)
        .outerjoin(Analysis, Analysis.id == View.analysis_id)
        .outerjoin(AnalysisImage, AnalysisImage.analysis_id == Analysis.id)
        .outerjoin(Dataset, Dataset.id == AnalysisImage.dataset_id)
        .outerjoin(_Owner, _Owner.id == ShareLink.owner_id)
        .execution_options(**EVERYTHING)
    )


LINK_OWNER = _Owner
"""The link's owner in these queries."""


def check_may_share(session: Session, circuit_id: str, anonymous: bool) -> None:
    """Refuse a link without an account to a circuit that its creator cannot show to everyone.

    Raises:
        Forbidden: the circuit is neither public nor the session's user's to change.
    """
    user_id = narrowed_to(session)
    if user_id is None or not anonymous:
        return
    theirs = or_(Circuit.visibility == Visibility.PUBLIC, manages(Circuit, user_id))
    if session.scalar(select(Circuit.id).where(Circuit.id == circuit_id, theirs)) is None:
        raise Forbidden(
            f"a link that works without an account shows circuit {circuit_id!r} to everyone who has it, which only its "
            "owner or an editor of its space can allow: create a link for users with an account, or ask them"
        )


def check_may_publish(session: Session, analysis_id: str | None) -> None:
    """Refuse to show an image through a link of someone who cannot change its analysis.

    Raises:
        Forbidden: the session's user cannot change the analysis.
    """
    user_id = narrowed_to(session)
    if user_id is None or analysis_id is None:
        return
    theirs = select(Analysis.id).where(Analysis.id == analysis_id, manages(Analysis, user_id))
    if not edits(session) or session.scalar(theirs) is None:
        raise Forbidden(
            f"a link would show the image of analysis {analysis_id!r} to everyone who has it, which only its owner or "
            "someone who can change its circuit can allow: remove the image from the view, or ask them"
        )


def _owner_may() -> ColumnElement[bool]:
    owner_id = ShareLink.owner_id
    changes = manages(Circuit, owner_id)
    shows = or_(_PUBLIC, changes, and_(ShareLink.anonymous.is_(False), sees(Circuit, owner_id)))
    sees_image = or_(AnalysisImage.dataset_id.is_(None), sees(Dataset, owner_id))
    own_image = or_(View.analysis_id.is_(None), and_(sees_image, or_(Analysis.owner_id == owner_id, changes)))
    editor = and_(_Owner.role == Role.EDITOR, shows, own_image)
    owned = and_(_Owner.disabled_at.is_(None), or_(_Owner.role == Role.ADMIN, editor))
    for_all_users = and_(ShareLink.anonymous.is_(False), reaches_everyone(Circuit))
    unowned = and_(owner_id.is_(None), View.analysis_id.is_(None), or_(_PUBLIC, for_all_users))
    return or_(owned, unowned)
