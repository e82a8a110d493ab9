"""Every route that names a thing or a space, called by every user for things of every visibility."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI

from neurflow_store.tables import Role
from tests.server import users
from tests.server.test_access import CHANGING, SEEING, SPACES, ask, denied, guarded, installation
from tests.server.users import CHANGED_BY, SEEN_BY, THINGS, USERS, refill

__all__ = ["guarded", "installation"]


@pytest.mark.parametrize("name", [*SEEING, *CHANGING])
def test_a_thing_exists_only_for_those_who_can_see_it(guarded: FastAPI, name: str) -> None:
    row = (SEEING | CHANGING)[name]
    changes = name in CHANGING
    for thing in THINGS:
        nobody = ask(users.browser(guarded, None), row, thing)
        assert nobody.status_code == (303 if name.startswith("show_") else 401), nobody.text
        usual = ask(users.browser(guarded, "admin"), row, thing)
        assert not denied(usual) and usual.status_code not in (401, 403), (thing, usual.text)
        if changes and usual.status_code < 300:
            refill(guarded)
        for login, role in USERS.items():
            answer = ask(users.browser(guarded, login), row, thing)
            told = (login, thing, answer.status_code, answer.text[:300])
            if changes and role is Role.VIEWER:
                assert answer.status_code == 403, told
            elif login not in SEEN_BY[thing]:
                assert denied(answer), told
                assert plain(answer, thing) == plain(ask(users.browser(guarded, login), row, "absent"), "absent"), told
            elif changes and login not in CHANGED_BY[thing]:
                assert answer.status_code == 403 and answer.json()["type"] == "forbidden", told
            else:
                assert answer.status_code == usual.status_code and not denied(answer), told
                if changes and answer.status_code < 300:
                    refill(guarded)


@pytest.mark.parametrize("name", SPACES)
def test_a_space_exists_only_for_its_members(guarded: FastAPI, name: str) -> None:
    row, let, refused = SPACES[name]
    assert ask(users.browser(guarded, None), row).status_code == 401
    for login in USERS:
        answer = ask(users.browser(guarded, login), row)
        told = (login, answer.status_code, answer.text)
        if login in let:
            assert answer.status_code == 200, told
            refill(guarded)
        elif answer.status_code == 403:
            assert login in refused, told
        else:
            assert denied(answer), told


def plain(answer: Any, thing: str) -> tuple[Any, ...]:
    """Return a response without what depends on the question alone: its request's id and the thing's."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "content-length")}
    text = answer.text.replace(answer.headers["x-request-id"], "")
    return answer.status_code, headers, re.sub(rf"\b{thing}-(?=[a-z]0000)", "", text)
