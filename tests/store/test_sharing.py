"""Views, links, labels and notes on each kind of database: who can change what, and in which order changes come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from neurflow_store.asking import requests
from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Forbidden, Gone, NotFound, Stale
from neurflow_store.installation.database import Database
from neurflow_store.repositories import changes
from neurflow_store.repositories import notes as note_reads
from neurflow_store.repositories import views as view_reads
from neurflow_store.sharing import labels, links, notes, views
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.notes import Subject
from neurflow_store.tables import Analysis, ChangeKind, NoteSubject, Role, ShareLink, View
from tests.store import rows, shared_rows

CIRCUIT = "cat-00000"
ANNA = Author("anna-00000", "Anna")
BEN = Author("ben-00000", "Ben")
ADMIN = Author("root-00000", "Root", admin=True)
LOCAL = Author(None, "Local user", admin=True)
VISITOR = Author(None, "Visitor", link_id=None)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as opened:
        rows.add_basis(opened)
        rows.add_circuit(opened, CIRCUIT)
        rows.add_circuit(opened, "dog-00000")
        for person in (ANNA, BEN, ADMIN):
            rows.add_user(opened, person.user_id or "", Role.EDITOR)
        yield opened


def _view(session: Session, who: Author = ANNA, name: str = "Ears") -> View:
    return views.create_view(session, who, circuit_id=CIRCUIT, name=name, state="?influence=80")


def test_only_its_owner_changes_a_view(session: Session) -> None:
    view = _view(session)
    assert (view.state, view.state_version, view.owner_id) == ("v=1&influence=80", 1, ANNA.user_id)
    with pytest.raises(Forbidden, match="another user"):
        views.change_view(session, BEN, view.id, name="Mine")
    views.change_view(session, ANNA, view.id, name="Ears, once more", state="")
    assert (view.name, view.state) == ("Ears, once more", "")
    fork = views.fork_view(session, BEN, view.id)
    assert (fork.forked_from, fork.owner_id, fork.name) == (view.id, BEN.user_id, view.name)
    with pytest.raises(Forbidden):
        views.delete_view(session, BEN, view.id)
    views.delete_view(session, ADMIN, view.id)
    session.expire_all()
    assert session.get_one(View, fork.id).forked_from is None


def test_a_view_shows_an_analysis_of_its_own_circuit_only(session: Session) -> None:
    with pytest.raises(NotFound, match="no analysis"):
        views.create_view(session, ANNA, circuit_id=CIRCUIT, name="x", analysis_id="photo-00000")


def test_the_local_user_can_change_every_view_and_nobody_else_theirs(session: Session) -> None:
    view = _view(session, LOCAL)
    with pytest.raises(Forbidden):
        views.change_view(session, ANNA, view.id, name="x")
    with pytest.raises(Forbidden):
        views.change_view(session, VISITOR, view.id, name="x")
    views.change_view(session, LOCAL, _view(session, ANNA).id, name="x")


def test_views_are_listed_by_circuit_and_owner(session: Session) -> None:
    first, second = _view(session), _view(session, BEN, "Nose")
    everything = view_reads.views(session, CIRCUIT, None, False, None, 10).items
    assert {row.id for row in everything} == {first.id, second.id}
    assert [row.id for row in view_reads.views(session, None, BEN.user_id, True, None, 10).items] == [second.id]
    assert view_reads.views(session, "dog-00000", None, False, None, 10).items == []
    assert view_reads.view(session, first.id).owner_name == "Anna"


def test_a_link_opens_its_view_until_it_is_revoked(session: Session) -> None:
    view = _view(session)
    with pytest.raises(Forbidden):
        links.create_link(session, BEN, view.id)
    link, token = links.create_link(session, ANNA, view.id, may_comment=True)
    assert len(token) == 32
    assert token not in str(vars(link))
    grant = links.opened(session, token, accounts=False)
    assert (grant.circuit_id, grant.view_id, grant.may_comment, grant.anonymous) == (CIRCUIT, view.id, True, True)
    assert links.grants(session, ["x", token], accounts=False) == [grant]
    with pytest.raises(NotFound, match="no link"):
        links.revoke_link(session, ANNA, _view(session).id, link.id)
    assert links.revoke_link(session, ANNA, view.id, link.id) == CIRCUIT
    with pytest.raises(Gone, match="was revoked or has expired"):
        links.opened(session, token, accounts=False)
    assert links.grants(session, [token], accounts=False) == []
    assert [row.kind for row in changes.since(session, {CIRCUIT: 0})] == [ChangeKind.ACCESS]


def test_a_link_ends_when_it_expires(session: Session) -> None:
    view = _view(session)
    with pytest.raises(BadValue, match="is in the past"):
        links.create_link(session, ANNA, view.id, expires_at=now() - timedelta(seconds=1))
    link, token = links.create_link(session, ANNA, view.id, expires_at=now() + timedelta(hours=1))
    assert links.opened(session, token, accounts=False).expires_at == link.expires_at
    session.get_one(ShareLink, link.id).expires_at = now() - timedelta(seconds=1)
    session.flush()
    with pytest.raises(Gone):
        links.opened(session, token, accounts=False)


@pytest.mark.parametrize("token", ["", "x" * 32, "x" * 31, "é" * 32, "\ud800" * 32, "x" * 5000, "../" * 10 + "ab"])
def test_an_unknown_token_opens_nothing(session: Session, token: str) -> None:
    links.create_link(session, ANNA, _view(session).id)
    with pytest.raises(NotFound, match="^this link does not exist: ask the sender for a new one$"):
        links.opened(session, token, accounts=False)


def test_links_are_deleted_with_their_circuit(session: Session) -> None:
    _, token = links.create_link(session, ANNA, _view(session).id)
    requests.delete(session, CIRCUIT)
    session.flush()
    with pytest.raises(NotFound):
        links.opened(session, token, accounts=False)


def test_a_label_has_a_history_and_refuses_outdated_changes(session: Session) -> None:
    first = labels.put_label(session, ANNA, CIRCUIT, "layer1/0", name="ears", version=0)
    assert first.version == 1
    with pytest.raises(Stale, match="has version 1, not 0") as stale:
        labels.put_label(session, BEN, CIRCUIT, "layer1/0", name="noses", version=0)
    assert stale.value.present is first
    labels.put_label(session, BEN, CIRCUIT, "layer1/0", name="pointed ears", description="of cats", version=1)
    labels.put_label(session, BEN, CIRCUIT, "layer1/0", name="pointed ears", description="of cats", version=2)
    (label,) = note_reads.labels(session, CIRCUIT, False, None, 10).items
    assert (label.name, label.version, label.user_name) == ("pointed ears", 2, "Ben")
    history = note_reads.history(session, CIRCUIT, "layer1/0", None, 10).items
    assert [(line.version, line.name, line.user_name) for line in history] == [
        (2, "pointed ears", "Ben"),
        (1, "ears", "Anna"),
    ]
    labels.put_label(session, ANNA, CIRCUIT, "layer1/0", name="", description="")
    assert note_reads.labels(session, CIRCUIT, False, None, 10).items == []
    assert len(note_reads.history(session, CIRCUIT, "layer1/0", None, 10).items) == 3
    assert [row.number for row in changes.since(session, {CIRCUIT: 1})] == [2, 3]


def test_invalid_labels_are_refused(session: Session) -> None:
    with pytest.raises(NotFound, match="no group layer1/99"):
        labels.put_label(session, ANNA, CIRCUIT, "layer1/99", name="x")
    with pytest.raises(BadValue, match="name is empty"):
        labels.put_label(session, ANNA, CIRCUIT, "layer1/0", name=" ", description="x")
    with pytest.raises(BadValue, match="contains the character"):
        labels.put_label(session, ANNA, CIRCUIT, "layer1/0", name="x", description="a\0b")


def test_a_thread_holds_a_note_and_its_answers(session: Session) -> None:
    note = notes.post_note(session, ANNA, CIRCUIT, Subject(group="layer1/0"), "Look at *this*")
    answer = notes.answer_note(session, BEN, CIRCUIT, note.id, "I do")
    again = notes.answer_note(session, ANNA, CIRCUIT, answer.id, "Good")
    assert {answer.thread_id, again.thread_id} == {note.id}
    assert again.group_id == "layer1/0"
    with pytest.raises(Forbidden):
        notes.edit_note(session, ADMIN, CIRCUIT, note.id, "changed")
    notes.edit_note(session, ANNA, CIRCUIT, note.id, "Look here")
    assert note.changed_at is not None
    notes.resolve_note(session, BEN, CIRCUIT, note.id, True)
    assert note.resolved_by == "Ben"
    assert note_reads.threads(session, CIRCUIT, resolved=False).items == []
    notes.resolve_note(session, ANNA, CIRCUIT, note.id, False)
    assert note_reads.threads(session, CIRCUIT, resolved=False).items == [note]
    with pytest.raises(BadValue, match="is an answer"):
        notes.resolve_note(session, ANNA, CIRCUIT, answer.id, True)
    assert [found.id for found in note_reads.answers(session, [note.id])] == [answer.id, again.id]


def test_a_deleted_note_leaves_its_answers(session: Session) -> None:
    note = notes.post_note(session, ANNA, CIRCUIT, Subject(), "One")
    answer = notes.answer_note(session, BEN, CIRCUIT, note.id, "Two")
    with pytest.raises(Forbidden):
        notes.delete_note(session, BEN, CIRCUIT, note.id)
    notes.delete_note(session, ADMIN, CIRCUIT, note.id)
    assert (note.text, note.deleted_at is None) == ("", False)
    with pytest.raises(NotFound, match="was deleted"):
        notes.edit_note(session, ANNA, CIRCUIT, note.id, "Back")
    notes.delete_note(session, BEN, CIRCUIT, answer.id)
    assert note_reads.threads(session, CIRCUIT).items == []


def test_a_note_needs_an_existing_subject(session: Session) -> None:
    with pytest.raises(NotFound, match="no group"):
        notes.post_note(session, ANNA, CIRCUIT, Subject(group="layer1/77"), "x")
    with pytest.raises(NotFound, match="no edge"):
        notes.post_note(session, ANNA, CIRCUIT, Subject(source="layer0/0", target="layer0/1"), "x")
    with pytest.raises(NotFound, match="no circuit"):
        notes.post_note(session, ANNA, "cow-00000", Subject(), "x")
    note = notes.post_note(session, ANNA, CIRCUIT, Subject(), "x")
    with pytest.raises(NotFound, match="no note"):
        notes.answer_note(session, ANNA, "dog-00000", note.id, "x")
    for text, match in (("  ", "is empty"), ("x" * 10_001, "10,001 characters"), ("a\x07", "character")):
        with pytest.raises(BadValue, match=match):
            notes.post_note(session, ANNA, CIRCUIT, Subject(), text)


def test_notes_are_filtered_by_subject(session: Session) -> None:
    about = notes.post_note(session, ANNA, CIRCUIT, Subject(), "circuit")
    group = notes.post_note(session, ANNA, CIRCUIT, Subject(group="layer1/0"), "group")
    assert note_reads.threads(session, CIRCUIT, subject=NoteSubject.CIRCUIT).items == [about]
    assert note_reads.threads(session, CIRCUIT, group="layer1/0").items == [group]
    assert note_reads.threads(session, CIRCUIT, edge=("a", "b")).items == []


def test_visitors_cannot_change_notes(session: Session) -> None:
    note = notes.post_note(session, VISITOR, CIRCUIT, Subject(), "x")
    with pytest.raises(Forbidden):
        notes.delete_note(session, VISITOR, CIRCUIT, note.id)


def test_changes_are_numbered_for_each_circuit_and_old_ones_dropped(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 4)
    for n in range(9):
        assert changes.note(session, CIRCUIT, ChangeKind.NOTE, str(n)) == n + 1
    assert changes.newest(session, [CIRCUIT, "dog-00000", "cow-00000"]) == {CIRCUIT: 9, "dog-00000": 0}
    assert [row.number for row in changes.since(session, {CIRCUIT: 0})] == [5, 6, 7, 8, 9]


def test_a_view_whose_state_shows_an_analysis_belongs_to_it(session: Session) -> None:
    for id in ("photo-00000", "photo-00001"):
        shared_rows.add_analysis(session, id, CIRCUIT)
    state = "?panel=image&analysis=photo-00000"
    view = views.create_view(session, ANNA, circuit_id=CIRCUIT, name="x", state=state)
    assert view.analysis_id == "photo-00000"
    with pytest.raises(BadValue, match="give the same"):
        views.change_view(session, ANNA, view.id, state=state, analysis_id="photo-00001")
    with pytest.raises(NotFound, match="no analysis"):
        views.create_view(session, ANNA, circuit_id="dog-00000", name="x", state=state)
    session.delete(session.get_one(Analysis, "photo-00000"))
    session.flush()
    fork = views.fork_view(session, BEN, view.id)
    assert (fork.analysis_id, fork.state) == (None, "v=1&panel=image")
