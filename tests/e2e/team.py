"""An installation with accounts: users sign in on the login page, each in their own browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page, StorageState, expect
from sqlalchemy import update

from neurflow_server.auth import passwords
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import load_settings
from neurflow_store.tables import Circuit, Role, Scope
from neurflow_store.users import credentials, users
from tests.e2e.browsing import Visitor, visitor
from tests.e2e.house import House, house
from tests.ops.service import Api

PASSWORD: Final = "several plain words of %s"  # noqa: S105 - made up
PEOPLE: Final[Mapping[str, Role]] = {"ada": Role.EDITOR, "ben": Role.EDITOR, "vera": Role.VIEWER, "root": Role.ADMIN}
"""By login; the display name is the login with a capital letter."""


class Team:
    """The users of an installation. Once signed in, they stay signed in."""

    def __init__(self, house: House, browser: Browser) -> None:
        self.house, self.browser = house, browser
        self._kept: dict[str, StorageState] = {}
        self._tokens: dict[str, str] = {}
        self._add()

    @contextmanager
    def member(self, login: str, **options: Any) -> Iterator[Visitor]:
        """A signed-in user. Any unexpected error on their pages fails the test."""
        kept = self._kept.get(login) or self._come_in(login)
        with visitor(self.browser, self.house.url, kept=kept, **options) as opened:
            yield opened
            unexpected = opened.unexpected()
        assert unexpected == [], f"{login}: {unexpected}"

    @contextmanager
    def stranger(self, **options: Any) -> Iterator[Visitor]:
        """A visitor without an account."""
        with visitor(self.browser, self.house.url, **options) as opened:
            yield opened
            unexpected = opened.unexpected()
        assert unexpected == [], unexpected

    def api(self, login: str) -> Api:
        """The API with a token of a user."""
        api = Api(self.house.port)
        api.token = self._tokens[login]
        return api

    def _come_in(self, login: str) -> StorageState:
        with visitor(self.browser, self.house.url) as somebody:
            page = somebody.page("/login")
            log_in(page, login)
            expect(account_button(page, login)).to_be_visible()
            self._kept[login] = somebody.context.storage_state()
        return self._kept[login]

    def _add(self) -> None:
        database = Database(load_settings(home=self.house.home).database_url)
        try:
            with database.writing() as session:
                for login, role in PEOPLE.items():
                    hashed = passwords.hashed(PASSWORD % login, login)
                    user = users.add_user(session, name=login.title(), login=login, role=role, password_hash=hashed)
                    session.flush()
                    scope = {Role.VIEWER: Scope.READ, Role.EDITOR: Scope.WRITE, Role.ADMIN: Scope.ADMIN}[role]
                    # Objects from before there were accounts now belong to Ada.
                    if login == "ada":
                        session.execute(update(Circuit).values(owner_id=user.id))
                    self._tokens[login] = credentials.make_token(session, user.id, "tests", scope, 1)[1]
        finally:
            database.close()


def log_in(page: Page, login: str, password: str | None = None) -> None:
    """Fill in and send the login form."""
    page.get_by_label("Name or e-mail address").fill(login)
    page.get_by_label("Password").fill(PASSWORD % login if password is None else password)
    page.get_by_role("button", name="Sign in").click()


def account_button(page: Page, login: str) -> Locator:
    """Return the menu of the signed-in user, in the page's head."""
    return page.get_by_role("button", name=f"{login.title()}: your account")


@contextmanager
def team(template: Path, home: Path, browser: Browser, **settings: str) -> Iterator[Team]:
    """Run a copy of ``template`` with accounts and users. Its API uses the administrator's token."""
    with house(template, home, NEURFLOW_AUTH="accounts", **settings) as made:
        found = Team(made, browser)
        made.api.token = found.api("root").token
        yield found
