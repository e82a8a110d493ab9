"""A browser, an installation for each module, and a page whose errors fail the test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.e2e.browsing import Visitor
    from tests.e2e.house import House
    from tests.e2e.team import Team

_MISSING = "{} is not installed: `make test` installs Debian's package where it may"


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder shared by all processes of this test run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def built(shared_folder: Path) -> None:
    """The front end, built from the current sources."""
    from tests.e2e.browsing import find_chromium
    from tests.e2e.building import build

    if find_chromium() is None:
        pytest.skip(_MISSING.format("Chromium"))
    build(shared_folder / "e2e-build.lock")


@pytest.fixture(scope="session")
def template(shared_folder: Path, built: None) -> Path:
    """A data folder with the demo registered and one circuit computed, made once in a test run."""
    from tests.e2e.building import alone
    from tests.e2e.house import make_template

    home, complete = shared_folder / "e2e-template", shared_folder / "e2e-template-is-complete"
    with alone(shared_folder / "e2e-template.lock"):
        if not complete.exists():
            shutil.rmtree(home, ignore_errors=True)
            make_template(home)
            complete.touch()
    return home


@pytest.fixture(scope="module")
def house(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running installation for the module, with what the template holds."""
    from tests.e2e.house import house

    with house(template, tmp_path_factory.mktemp("house") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def browser(built: None) -> Iterator[Browser]:
    """A browser for the module. If it lived longer, it would keep the event loop from later tests."""
    from tests.e2e.browsing import chromium

    with chromium() as opened:
        yield opened


@pytest.fixture
def visitor(browser: Browser, house: House) -> Iterator[Visitor]:
    """A first-time user. Any unexpected error on their pages fails the test."""
    from tests.e2e.browsing import visitor

    with visitor(browser, house.url) as opened:
        yield opened
        unexpected = opened.unexpected()
    assert unexpected == []


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """An empty page of the visitor."""
    return visitor.context.new_page()


@pytest.fixture(scope="module")
def users(template: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The users of an installation for the module, with what the template holds."""
    from tests.e2e.team import team

    with team(template, tmp_path_factory.mktemp("team") / "home", browser) as found:
        yield found


@pytest.fixture
def ada(users: Team) -> Iterator[Visitor]:
    """An editor and owner of the circuits, signed in."""
    with users.member("ada") as opened:
        yield opened


@pytest.fixture
def ben(users: Team) -> Iterator[Visitor]:
    """Another editor, signed in."""
    with users.member("ben") as opened:
        yield opened


@pytest.fixture
def guest(users: Team) -> Iterator[Visitor]:
    """A visitor without an account."""
    with users.stranger() as opened:
        yield opened
