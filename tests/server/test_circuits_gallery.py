"""The gallery of circuits: filtered, sorted, paged."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from anyio import to_thread
from fastapi.testclient import TestClient

from neurflow_server.schemas.circuits import CircuitCard
from neurflow_server.schemas.fields import Page
from neurflow_store.installation.database import Database
from neurflow_store.tables import JobState
from tests.store import rows

API = "/api/v1/circuits"
SMALL = rows.Shape(layers=2, groups=2, edges=1, exemplars=1, neurons=1, images=1, patches=1)


@pytest.fixture
def gallery(client: TestClient, database: Database) -> TestClient:
    """Seven circuits, a minute apart except for the last two; some have no result."""
    with database.writing() as session:
        rows.add_basis(session)
        for place, (name, class_name, state) in enumerate(
            [
                ("Whiskers", "cat", JobState.SUCCEEDED),
                ("Barks", "dog", JobState.SUCCEEDED),
                ("50% fur", "fox", JobState.FAILED),
                ("a_b", "cat", JobState.QUEUED),
                ("Ears", "cat", JobState.RUNNING),
                ("Tails", "dog", JobState.CANCELLED),
                ("Tails", "fox", JobState.SUCCEEDED),
            ]
        ):
            time = rows.START + timedelta(minutes=min(place, 5))
            values = {"name": name, "class_name": class_name, "created_at": time}
            rows.add_circuit(session, f"c-{place:05}", SMALL, state, **values)
    return client


def _ids(client: TestClient, **params: Any) -> list[str]:
    answer = client.get(API, params=params)
    assert answer.status_code == 200, answer.text
    return [item["id"].removeprefix("c-0000") for item in answer.json()["items"]]


def test_the_newest_come_first(gallery: TestClient) -> None:
    assert _ids(gallery) == list("6543210")
    assert _ids(gallery, order="asc") == list("0123456")


def test_circuits_are_sorted_by_name_and_class(gallery: TestClient) -> None:
    assert sorted(_ids(gallery, sort="name")) == list("0123456")
    assert _ids(gallery, sort="name")[-3:] == list("560") or _ids(gallery, sort="name")[-1] == "3"
    assert _ids(gallery, sort="name", order="desc") == _ids(gallery, sort="name")[::-1]
    assert _ids(gallery, sort="class") == list("0341526")


def test_circuits_are_filtered(gallery: TestClient) -> None:
    assert _ids(gallery, **{"class": "cat"}) == list("430")
    assert _ids(gallery, state=["queued", "running"]) == list("43")
    assert _ids(gallery, state="failed") == ["2"]
    assert _ids(gallery, q="TAIL") == list("65")
    assert _ids(gallery, q="do") == list("51")
    assert (_ids(gallery, q="%"), _ids(gallery, q="_"), _ids(gallery, q="/")) == (["2"], ["3"], [])
    assert _ids(gallery, q="a_b", state="succeeded") == []
    assert _ids(gallery, network=rows.NETWORK, dataset=rows.DATASET) == list("6543210")
    assert _ids(gallery, network="nobody-00000") == []


def test_cards_follow_the_schema(gallery: TestClient) -> None:
    page = gallery.get(API).json()
    assert Page[CircuitCard].model_validate(page, extra="forbid").model_dump(mode="json", by_alias=True) == page
    done, waits = page["items"][0], page["items"][3]
    assert done["counts"] == {"layers": 2, "groups": 2, "edges": 1, "neurons": 2}
    assert done["cover"] == [f"{API}/c-00006/files/{rows.digest(f'c-00006{n}')[7:]}" for n in range(4)]
    assert (waits["counts"], waits["computed_at"], waits["cover"]) == (None, None, [])
    failed = page["items"][4]
    assert failed["job"]["problem"] == {"type": "about:blank", "title": "Failed", "detail": "made up"}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", ["created_at", "name", "class"])
def test_pages_hold_each_circuit_once(gallery: TestClient, sort: str, order: str) -> None:
    whole = _ids(gallery, sort=sort, order=order)
    for limit in (1, 2, 6, 7):
        found: list[str] = []
        cursor = ""
        while not found or cursor:
            assert len(found) < len(whole), "pages that repeat themselves"
            params = {"sort": sort, "order": order, "limit": limit} | ({"cursor": cursor} if cursor else {})
            page = gallery.get(API, params=params).json()
            assert len(page["items"]) <= limit
            found += [item["id"].removeprefix("c-0000") for item in page["items"]]
            cursor = page["next"]
        assert found == whole


def test_pages_stay_stable_while_circuits_are_added(gallery: TestClient, database: Database) -> None:
    first = gallery.get(API, params={"limit": 3}).json()
    with database.writing() as session:
        for place in range(5):
            time = rows.START + timedelta(hours=1 + place)
            rows.add_circuit(session, f"new-{place}", SMALL, created_at=time)
    second = _ids(gallery, limit=3, cursor=first["next"])
    assert second == list("321")


def test_many_concurrent_requests_do_not_block_each_other(gallery: TestClient) -> None:
    """More requests than there are threads or connections to the database."""
    assert gallery.portal is not None

    def spare_threads() -> None:
        to_thread.current_default_thread_limiter().total_tokens = 3

    gallery.portal.call(spare_threads)
    begun = time.monotonic()
    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda _: gallery.get(API), range(120)))
    assert {answer.status_code for answer in answers} == {200}
    assert time.monotonic() - begun < 20


def test_a_cursor_is_only_valid_for_its_order(gallery: TestClient) -> None:
    cursor = gallery.get(API, params={"limit": 3}).json()["next"]
    for params in ({"sort": "name"}, {"order": "asc"}, {"sort": "class", "order": "desc"}):
        answer = gallery.get(API, params=params | {"cursor": cursor})
        assert answer.status_code == 422
        assert "cursor" in answer.json()["detail"]


def test_a_cursor_can_hold_long_names(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        for place in range(3):
            rows.add_circuit(session, f"c-{place:05}", SMALL, name="🐈" * 200, class_name="猫\u200b" * 150)
    for sort in ("name", "class"):
        cursor = client.get(API, params={"limit": 1, "sort": sort}).json()["next"]
        assert _ids(client, limit=1, sort=sort, cursor=cursor) == ["1"]


@pytest.mark.parametrize(
    "params",
    [{"limit": 101}, {"state": "done"}, {"sort": "size"}, {"q": "x" * 201}, {"class": ""}, {"network": "A"}, {"z": 1}],
)
def test_unknown_query_parameters_are_refused(sqlite_client: TestClient, params: dict[str, Any]) -> None:
    assert sqlite_client.get(API, params=params).status_code == 422
