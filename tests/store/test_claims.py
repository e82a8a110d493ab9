"""Whether the requests behind open streams would still be answered: for any number of them in a few queries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from neurflow_store.claims import Claim, refused
from neurflow_store.installation.database import Database
from neurflow_store.sharing import links, views
from neurflow_store.sharing.author import Author
from neurflow_store.tables import Role, Scope, User, Visibility
from neurflow_store.users import credentials
from tests.store import rows


def _claims(session: Session, first: int, last: int) -> list[Claim]:
    """Streams of people, each with a browser, a program and a link."""
    claims = []
    for n in range(first, last):
        user = rows.add_user(session, f"u{n}-00000", Role.EDITOR)
        secret = credentials.begin_session(session, session.get_one(User, user), 60.0, "")
        browser = Claim(user, Role.EDITOR, session=credentials.digest(secret))
        token, _ = credentials.make_token(session, user, "t", Scope.READ, None)
        view = views.create_view(session, Author(user, "x"), circuit_id="cat-00000", name="x")
        link, _ = links.create_link(session, Author(user, "x"), view.id)
        claims += [
            Claim(browser.user_id, Role.EDITOR, session=browser.session, circuit_id="cat-00000"),
            Claim(user, Role.VIEWER, token=token.id, job_id="job-cat-00000"),
            Claim(link_id=link.id, circuit_id="cat-00000"),
            browser,
        ]
    return claims


def test_any_number_of_streams_takes_the_same_queries(database: Database) -> None:
    sent: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
    counts = []
    for first, last in ((0, 2), (2, 120)):
        with database.writing() as session:
            if not first:
                rows.add_basis(session)
                rows.add_space(session)
                rows.add_circuit(session, "cat-00000", visibility=Visibility.PUBLIC, space_id=rows.SPACE)
            claims = _claims(session, first, last)
        sent.clear()
        with database.reading() as session:
            assert refused(session, claims) == frozenset()
        counts.append(len([statement for statement in sent if statement.lstrip().startswith("SELECT")]))
    assert counts[0] == counts[1] <= 9


def test_a_claim_falls_with_what_it_rests_on(database: Database) -> None:
    changes: list[Any] = [
        lambda session: setattr(session.get_one(User, "u0-00000"), "role", Role.ADMIN),
        lambda session: session.delete(session.get_one(User, "u0-00000")),
    ]
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
        claims = _claims(session, 0, 1)
    strange = Claim("nobody-00000", Role.ADMIN, session="0" * 64)
    gone = Claim("u0-00000", Role.EDITOR, session=claims[0].session, circuit_id="dog-00000")
    with database.reading() as session:
        # The link needs no account, and the circuit is not public: its owner cannot change it.
        assert refused(session, [*claims, strange, gone]) == {claims[2], strange, gone}
        assert refused(session, [claims[2]], accounts=False) == frozenset()
        assert refused(session, []) == frozenset()
    for change in changes:
        with database.writing() as session:
            change(session)
        with database.reading() as session:
            assert claims[0] in refused(session, claims)
