"""axe finds nothing serious on the pages of accounts and of sharing, light and dark, wide and narrow."""

from __future__ import annotations

import pytest

from tests.e2e.axe import serious_violations, serious_violations_light_and_dark
from tests.e2e.furnishing import furnish
from tests.e2e.team import Team
from tests.e2e.team_places import visits

_OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def addresses(users: Team) -> dict[str, str]:
    """The values of the names in braces."""
    return furnish(users)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_no_page_has_a_serious_violation(users: Team, addresses: dict[str, str], narrow: bool) -> None:
    found: dict[str, list[str]] = {}
    options = {"width": 360, "height": 740} if narrow else {}
    for name, somebody, path, prepare in visits(users, **options):
        page = somebody.page(path.format(**addresses))
        prepare(page)
        if violations := (serious_violations if narrow else serious_violations_light_and_dark)(page):
            found[name] = violations
        if narrow and page.evaluate(_OVER) > 0:
            found.setdefault(name, []).append(f"{page.url} is wider than the window")
        page.close()
    assert found == {}
