"""``neurflow users``: accounts on the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from neurflow_server.auth import passwords
from neurflow_server.cli.users import command
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Role, Scope, User
from neurflow_store.users import credentials, users

PASSWORD = "several plain words"  # noqa: S105 - made up
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on each kind of database; return the exit code and the output."""
    monkeypatch.setenv("NEURFLOW_DATABASE_URL", settings.database_url)

    def run(*words: str, typed: str = "") -> tuple[int, str]:
        result = CliRunner().invoke(command, list(words), input=typed)
        return result.exit_code, result.output

    return run


def found(database: Database, login: str) -> User:
    with database.reading() as session:
        user = users.find_login(session, login)
        assert user is not None
        return user


def test_a_user_is_added_with_a_typed_password(run: Run, database: Database) -> None:
    code, said = run("add", "Anna", "--role", "admin", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert code == 0 and "Added anna" in said and PASSWORD not in said
    user = found(database, "ANNA")
    assert user.role is Role.ADMIN and passwords.verified(user.password_hash, PASSWORD)


def test_a_user_is_added_with_a_generated_password_shown_once(run: Run, database: Database) -> None:
    code, said = run("add", "ben", "--generate", "--email", "ben@example.org", "--shown-as", "Ben B.")
    assert code == 0
    made = said.partition("Password: ")[2].split()[0]
    user = found(database, "ben@example.org")
    assert passwords.verified(user.password_hash, made) and user.name == "Ben B."
    assert (user.role, user.login) == (Role.VIEWER, "ben")


def test_users_are_listed_reset_and_disabled(run: Run, database: Database) -> None:
    run("add", "anna", "--role", "admin", "--generate")
    run("add", "ben", "--generate")
    before = found(database, "ben").password_hash
    code, said = run("reset", "ben", "--generate")
    assert code == 0 and "Password: " in said
    assert found(database, "ben").password_hash != before
    assert run("disable", "ben")[0] == 0
    lines = run("list")[1].splitlines()
    assert [line.split("\t")[:3] for line in lines] == [["anna", "admin", "seen never"], ["ben", "viewer", "disabled"]]
    assert run("disable", "ben", "--undo")[0] == 0
    assert run("role", "ben", "editor")[0] == 0
    assert found(database, "ben").role is Role.EDITOR
    assert found(database, "ben").disabled_at is None


def tokens(database: Database, login: str, count: int) -> list[str]:
    user = found(database, login)
    with database.writing() as session:
        return [credentials.make_token(session, user.id, f"t{n}", Scope.READ, None)[0].id for n in range(count)]


def test_tokens_are_listed_and_revoked(run: Run, database: Database) -> None:
    run("add", "ben", "--generate")
    first, second, third = tokens(database, "ben", 3)
    lines = run("tokens", "ben")[1].splitlines()
    assert {tuple(line.split("\t")) for line in lines} == {
        (id, "read", "never expires", "never used", f"t{n}") for n, id in enumerate((first, second, third))
    }
    assert run("revoke", "ben", first) == (0, "Revoked 1 API token of ben.\n")
    code, said = run("revoke", "ben", first)
    assert code == 2 and f"no token '{first}'" in said
    assert run("revoke", "ben")[0] == run("revoke", "ben", second, "--all")[0] == 2
    assert run("revoke", "ben", "--all") == (0, "Revoked 2 API tokens of ben.\n")
    assert run("tokens", "ben") == (0, "")


@pytest.mark.parametrize("words", [("reset", "ben", "--generate"), ("disable", "ben")])
def test_a_reset_and_keeping_out_revoke_tokens(run: Run, database: Database, words: tuple[str, ...]) -> None:
    run("add", "ben", "--generate")
    tokens(database, "ben", 2)
    assert run(*words)[0] == 0
    run("disable", "ben", "--undo")
    assert run("tokens", "ben") == (0, "")


@pytest.mark.parametrize(
    ("words", "typed", "code", "says"),
    [
        (("add", "a b", "--generate"), "", 2, "is invalid"),
        (("add", "anna"), "short\nshort\n", 2, "5 characters"),
        (("add", "anna"), "password1234\npassword1234\n", 2, "easy to guess"),
        (("tokens", "nobody"), "", 2, "no user 'nobody'"),
        (("add", "anna"), "several plain words\nother plain words\n", 2, "differ"),
        (("reset", "nobody", "--generate"), "", 2, "no user 'nobody'"),
        (("disable", "nobody"), "", 2, "no user 'nobody'"),
    ],
)
def test_an_invalid_value_is_one_line(run: Run, words: tuple[str, ...], typed: str, code: int, says: str) -> None:
    ended, said = run(*words, typed=typed)
    assert ended == code and says in said and "Traceback" not in said


def test_the_last_administrator_stays(run: Run) -> None:
    run("add", "anna", "--role", "admin", "--generate")
    code, said = run("disable", "anna")
    assert code == 2 and "last administrator" in said
