"""Named views: saved states of a circuit. Their owners change and delete them, other users fork them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Forbidden, NotFound
from neurflow_store.ids import new_id
from neurflow_store.names import DESCRIPTION, checked_name, checked_text
from neurflow_store.repositories.requests import protected
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.link_rights import check_may_publish
from neurflow_store.sharing.view_state import VERSION, analysis_in, read_state, without_analysis
from neurflow_store.tables import Analysis, Circuit, ShareLink, View, ViewPicture


def create_view(
    session: Session,
    who: Author,
    *,
    circuit_id: str,
    name: str,
    description: str = "",
    state: str = "",
    version: int | None = None,
    analysis_id: str | None = None,
) -> View:
    """Save a view.

    Args:
        session: of ``Database.writing()``.
        who: the new owner.
        circuit_id: the circuit shown.
        name: display name.
        description: several lines.
        state: the query of the explorer's address.
        version: the version of the state's format, if the state has none.
        analysis_id: the image shown; by default the one in the state.

    Raises:
        NotFound: the circuit does not exist, or has no such analysis.
        BadValue: the name, description or state is invalid.
    """
    protected(session, Circuit, circuit_id)
    checked = read_state(state, version)
    analysis = _analysis(analysis_in(checked), analysis_id)
    _require_analysis(session, circuit_id, analysis)
    chosen = checked_name(name)
    moment = now()
    view = View(
        id=_free_id(session, chosen),
        name=chosen,
        description=checked_text(description, DESCRIPTION, "description"),
        circuit_id=circuit_id,
        analysis_id=analysis,
        state=checked,
        state_version=VERSION,
        owner_id=who.user_id,
        created_at=moment,
        changed_at=moment,
    )
    session.add(view)
    session.flush()
    return view


def change_view(
    session: Session,
    who: Author,
    view_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    state: str | None = None,
    version: int | None = None,
    analysis_id: str | None = None,
    no_analysis: bool = False,
) -> View:
    """Change the given values of a view.

    Raises:
        NotFound: the view does not exist, or its circuit has no such analysis.
        Forbidden: the view belongs to another user, or has links that would show somebody else's image.
        BadValue: the name, description or state is invalid.
    """
    view = own_view(session, who, view_id)
    if name is not None:
        view.name = checked_name(name)
    if description is not None:
        view.description = checked_text(description, DESCRIPTION, "description")
    if state is not None:
        view.state, view.state_version = read_state(state, version), VERSION
        analysis_id = _analysis(analysis_in(view.state), analysis_id)
    if analysis_id is not None or no_analysis:
        _require_analysis(session, view.circuit_id, analysis_id)
        if analysis_id != view.analysis_id and _is_linked(session, view.id):
            check_may_publish(session, analysis_id)
        view.analysis_id = analysis_id
    view.changed_at = now()
    session.flush()
    return view


def fork_view(
    session: Session,
    who: Author,
    view_id: str,
    name: str | None = None,
    *,
    state: str | None = None,
    version: int | None = None,
    analysis_id: str | None = None,
) -> View:
    """Copy a view for ``who``, with its picture if it shows the same.

    Args:
        session: of ``Database.writing()``, in which ``who`` can see the view's circuit.
        who: the new owner.
        view_id: the view to copy.
        name: by default that of the view.
        state: the current state, as for :func:`create_view` with ``version`` and ``analysis_id``; by default the
            view's.
        version: the version of the state's format.
        analysis_id: the image in the state.

    Raises:
        NotFound: the view does not exist, or its circuit has no such analysis.
        BadValue: the name or state is invalid.
    """
    view = require_view(session, view_id)
    original = read_state(view.state, view.state_version if not view.state else None)
    if view.analysis_id is None:
        original = without_analysis(original)
    copy = create_view(
        session,
        who,
        circuit_id=view.circuit_id,
        name=view.name if name is None else name,
        description=view.description,
        state=original if state is None else state,
        version=version,
        analysis_id=view.analysis_id if state is None else analysis_id,
    )
    copy.forked_from = view.id
    same = (copy.state, copy.analysis_id) == (original, view.analysis_id)
    picture = session.get(ViewPicture, view.id) if same else None
    if picture is not None:
        put_picture(session, who, copy.id, picture.picture, picture.width, picture.height)
    session.flush()
    return copy


def delete_view(session: Session, who: Author, view_id: str) -> None:
    """Delete a view and its links; its forks stay.

    Raises:
        NotFound: the view does not exist.
        Forbidden: the view belongs to another user.
    """
    session.delete(own_view(session, who, view_id))
    session.flush()


def put_picture(session: Session, who: Author, view_id: str, picture: bytes, width: int, height: int) -> None:
    """Save a view's picture, replacing an earlier one.

    Raises:
        NotFound: the view does not exist.
        Forbidden: the view belongs to another user.
    """
    own_view(session, who, view_id)
    known = session.get(ViewPicture, view_id)
    if known is None:
        session.add(ViewPicture(view_id=view_id, picture=picture, width=width, height=height, changed_at=now()))
    else:
        known.picture, known.width, known.height, known.changed_at = picture, width, height, now()
    session.flush()


def require_view(session: Session, view_id: str) -> View:
    """Return a view of a visible circuit, locked against changes until this transaction ends.

    Raises:
        NotFound: the view does not exist.
    """
    found = session.scalar(
        select(View)
        .join(Circuit, Circuit.id == View.circuit_id)
        .where(View.id == view_id)
        .with_for_update(of=View)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(f"no view {view_id[:80]!r}")
    return found


def own_view(session: Session, who: Author, view_id: str) -> View:
    """Return a view that ``who`` may change.

    Raises:
        NotFound: the view does not exist.
        Forbidden: the view belongs to another user.
    """
    view = require_view(session, view_id)
    if not who.owns(view.owner_id):
        raise Forbidden(f"view {view_id!r} belongs to another user: fork it and change your copy")
    return view


def _analysis(named: str | None, given: str | None) -> str | None:
    """Return the image of a view: the one in its state, since a link to it must open the same image."""
    if named is not None and given is not None and named != given:
        raise BadValue(f"the state names analysis {named!r}, but {given!r} was given: give the same one, or none")
    return given if named is None else named


def _require_analysis(session: Session, circuit_id: str, analysis_id: str | None) -> None:
    if analysis_id is None:
        return
    mine = (Analysis.id == analysis_id, Analysis.circuit_id == circuit_id)
    if session.scalar(select(Analysis.id).where(*mine)) is None:
        raise NotFound(f"circuit {circuit_id!r} has no analysis {analysis_id[:80]!r}")


def _is_linked(session: Session, view_id: str) -> bool:
    links = select(ShareLink.id).where(ShareLink.view_id == view_id, ShareLink.revoked_at.is_(None))
    return session.scalar(links.limit(1)) is not None


def _free_id(session: Session, name: str) -> str:
    length = 5
    while session.get(View, id := new_id(name, length)) is not None:
        length += 1
    return id
