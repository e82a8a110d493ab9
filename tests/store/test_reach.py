"""Whom a visibility reaches, compared with who is written to see things of each visibility."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from neurflow_store.cli.visibility import command
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.job_visibility import viewers_of
from neurflow_store.reach import EVERYONE, Part, Reach, circuits_beyond, narrower, of_circuit
from neurflow_store.tables import Circuit, Dataset, Job, Network, Visibility
from neurflow_store.visibility import sees
from tests.server import users
from tests.server.users import SEEN_BY, THINGS, USERS, thing_id, user_id


def _reach(thing: str, owner: str = "owner-00000") -> Reach:
    return Reach.of(THINGS[thing]["visibility"], THINGS[thing].get("space_id"), owner)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.writing() as session:
        users.add_users(session)
        users.add_things(session)
    return database


@pytest.mark.parametrize("whole", THINGS)
@pytest.mark.parametrize("part", THINGS)
def test_one_exceeds_another_where_somebody_sees_it_alone(whole: str, part: str) -> None:
    assert _reach(whole).exceeds(_reach(part)) is bool(SEEN_BY[whole] - SEEN_BY[part])
    assert EVERYONE.exceeds(_reach(part)) is (SEEN_BY[part] != users.EVERYBODY)
    assert not _reach(whole).exceeds(EVERYONE)


def test_things_of_two_owners_and_two_spaces() -> None:
    anna, ben = (Reach.of(Visibility.PRIVATE, None, owner) for owner in ("anna", "ben"))
    one, other = (Reach.of(Visibility.TEAM, space, "anna") for space in ("one", "other"))
    assert anna.exceeds(ben) and ben.exceeds(anna) and not anna.exceeds(anna)
    assert one.exceeds(other) and one.exceeds(anna) and not one.exceeds(one)
    # Whoever owns what is in a space is taken for a member.
    assert not anna.exceeds(one) and not ben.exceeds(one)


def test_what_one_does_not_see_is_narrower() -> None:
    assert narrower(_reach("private"), [(Part.NETWORK, None), (Part.DATASET, _reach("private"))]) == [Part.NETWORK]


@pytest.mark.parametrize("table", [Circuit, Network, Dataset])
def test_both_ways_to_ask_who_sees_it_agree(filled: Database, table: type[Circuit | Network | Dataset]) -> None:
    watching = [user_id(login) for login in USERS]
    with filled.reading() as session:
        for thing in THINGS:
            id = thing_id(table.__tablename__[0], thing)
            asked = {
                login
                for login in USERS
                if session.query(table.id).where(table.id == id, sees(table, user_id(login))).one_or_none()
            }
            told = viewers_of(session, [session.get_one(Job, f"job-{id}")], watching)[f"job-{id}"]
            # Administrators see everything, which neither says.
            assert asked | {"admin"} == set(SEEN_BY[thing])
            assert told == {user_id(login) for login in asked}


def test_circuits_are_counted_whoever_can_see_them(filled: Database) -> None:
    with filled.writing() as session:
        for thing, more in (("private", 0), ("lab", 0), ("team", 1)):
            session.get_one(Circuit, thing_id("c", thing)).visibility = Visibility.PUBLIC
            session.flush()
            row = session.get_one(Dataset, thing_id("d", thing))
            expected = 1 - more
            assert circuits_beyond(session, Dataset, row) == expected, thing
            assert of_circuit(session, thing_id("c", thing)) == ([Part.NETWORK, Part.DATASET] if expected else [])


def _call(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


@pytest.fixture
def on_disk(filled: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("NEURFLOW_DATABASE_URL", settings.database_url)
    return filled


def test_the_command_shows_and_changes_who_sees_it(on_disk: Database) -> None:
    assert _call("dataset", "team-d0000").stdout == "team-d0000: team, in no space, owned by owner-00000.\n"
    changed = _call("dataset", "team-d0000", "private", "--owner", "colleague")
    assert (changed.exit_code, changed.stdout) == (
        0,
        "team-d0000: private, in no space, owned by colleague-00000.\n"
        "Circuits that some users can see who cannot see this: 1.\n",
    )
    told = _call("circuit", "team-c0000").stdout
    assert told.endswith("Some users who can see it cannot see its data set.\n")
    moved = _call("network", "lab-n0000", "public", "--space", "none").stdout
    assert moved == "lab-n0000: public, in no space, owned by owner-00000.\n"
    with on_disk.reading() as session:
        assert session.get_one(Dataset, "team-d0000").owner_id == "colleague-00000"
        assert session.get_one(Network, "lab-n0000").space_id is None


def test_the_command_says_what_is_not_there(on_disk: Database) -> None:
    for words, said in (
        (("dataset", "none-00000"), "no data set 'none-00000'"),
        (("dataset", "team-d0000", "--owner", "nobody"), "no user 'nobody': `neurflow users list` lists all users"),
        (("network", "team-n0000", "--space", "none-00000"), "no space 'none-00000'"),
    ):
        refused = _call(*words)
        assert (refused.exit_code, refused.stderr) == (2, f"error: {said}\n")
    assert _call("group", "x").exit_code == 2
