"""Limits on how often links are created and opened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_server.app import create_app
from neurflow_store.installation.settings import Settings
from tests.server import users
from tests.server.conftest import ADDRESS
from tests.server.users import refill, thing_id
from tests.services.fixtures import RecordingAnnouncer

API = "/api/v1"


@pytest.fixture
def strict(sqlite_settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    few = {"auth": "accounts", "links_per_hour": 2, "link_opens_per_minute": 3}
    app = create_app(sqlite_settings.model_copy(update=few), announcer)
    with TestClient(app):
        refill(app)
        yield app


def view_of(client: TestClient) -> str:
    body = {"circuit": thing_id("c", "public"), "name": "Ears"}
    return f"{API}/views/{client.post(f'{API}/views', json=body).json()['id']}"


def test_creating_links_is_limited_for_each_user(strict: FastAPI) -> None:
    owner, outsider = users.browser(strict, "owner"), users.browser(strict, "outsider")
    links = f"{view_of(owner)}/links"
    answers = [owner.post(links, json={}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].json()["type"].endswith("too-many") and 0 < int(answers[2].headers["retry-after"]) <= 3600
    assert len(owner.get(links).json()["items"]) == 2
    # Other users can create theirs.
    assert outsider.post(f"{view_of(outsider)}/links", json={}).status_code == 201


@pytest.mark.parametrize("guess", [False, True])
def test_opening_links_is_limited_for_each_address(strict: FastAPI, guess: bool) -> None:
    owner = users.browser(strict, "owner")
    token = owner.post(f"{view_of(owner)}/links", json={}).json()["token"]
    asked = "A" * 32 if guess else token
    stranger = users.browser(strict, None)
    first = [stranger.get(path).status_code for path in (f"{API}/shared/{asked}", f"/s/{asked}/picture")]
    assert first == [404 if guess else 200, 404]
    assert stranger.get(f"{API}/shared/{asked}").status_code == (404 if guess else 200)
    refused, page = stranger.get(f"{API}/shared/{token}"), stranger.get(f"/s/{token}")
    assert (refused.status_code, page.status_code) == (429, 429)
    for answer in (refused, page):
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert token not in answer.text
    assert page.headers["content-type"].startswith("text/html") and "Too many requests through links" in page.text
    # A link that was opened before stays open, and other addresses can open theirs.
    assert stranger.get(f"{API}/circuits/{thing_id('c', 'public')}").status_code == (401 if guess else 200)
    elsewhere = TestClient(strict, base_url=ADDRESS, client=("192.0.2.9", 5000))
    assert elsewhere.get(f"{API}/shared/{token}").status_code == 200
