"""Pages without script: what they show, that hostile words stay words, and that queries do not grow with the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, update

from neurflow_store.database import Database
from neurflow_store.tables import Job, JobState
from tests.store import rows

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


class _Tags(HTMLParser):
    """Every tag with its attributes, and whether tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "img"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def _shown(client: TestClient, path: str) -> tuple[str, _Tags]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text, _Tags(answer.text)


@pytest.fixture
def basis(database: Database) -> Database:
    with database.writing() as session:
        rows.add_basis(session)
    return database


@pytest.fixture
def statements(app: FastAPI, client: TestClient) -> Iterator[list[str]]:
    """What the application asks its database."""
    engine = app.state.services.database.engine
    asked: list[str] = []

    def note(*call: object) -> None:
        asked.append(str(call[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_an_empty_gallery_says_what_to_do(client: TestClient) -> None:
    text, tags = _shown(client, "/")
    assert "POST /api/v1/circuits" in text and "neurflow import" in text
    assert "refresh" not in [meta.get("http-equiv") for meta in tags.all("meta")]


def test_a_gallery_shows_cards_page_by_page(client: TestClient, basis: Database) -> None:
    with basis.writing() as session:
        for number in range(30):
            rows.add_circuit(session, f"cat-{number:05}")
    text, tags = _shown(client, "/")
    names = set(re.findall(r'href="/circuits/(cat-\d+)"', text))
    assert len(names) == 24
    assert len(tags.all("img")) == 24 * 4
    assert all(str(image["src"]).startswith("/api/v1/artifacts/") for image in tags.all("img"))
    (older,) = [str(link["href"]) for link in tags.all("a") if link.get("rel") == "next"]
    names |= set(re.findall(r'href="/circuits/(cat-\d+)"', _shown(client, older)[0]))
    assert len(names) == 30


def test_it_looks_again_only_while_something_is_computed(client: TestClient, basis: Database) -> None:
    with basis.writing() as session:
        rows.add_circuit(session, "cat-00000")
    assert "http-equiv" not in client.get("/").text
    with basis.writing() as session:
        values = {"fraction": 0.46, "stage": "layer layer4.1", "remaining_seconds": 130.0}
        rows.add_circuit(session, "dog-00000", state=JobState.QUEUED)
        session.execute(update(Job).values(values | {"state": JobState.RUNNING}))
    for path in ("/", "/circuits/dog-00000"):
        text, tags = _shown(client, path)
        assert "refresh" in [meta.get("http-equiv") for meta in tags.all("meta")]
        assert "46 %" in text and "2 min left" in text and "layer layer4.1" in text
        assert tags.all("progress")[0]["value"] == "0.46"


def test_a_circuit_from_the_class_downwards(client: TestClient, basis: Database) -> None:
    with basis.writing() as session:
        rows.add_circuit(session, shape=rows.Shape(layers=3, groups=9, edges=18, exemplars=4))
    text, tags = _shown(client, "/circuits/cat-00000")
    assert re.findall(r"<h2>(\w+)</h2>", text) == ["layer2", "layer1", "layer0"]
    groups = {str(item["id"]) for item in tags.all("li") if item.get("class") == "group"}
    assert groups == {f"layer{layer}/{number}" for layer in range(3) for number in range(3)}
    targets = {str(link["href"]).removeprefix("#") for link in tags.all("a") if str(link["href"]).startswith("#")}
    assert targets <= groups and targets
    assert len(tags.all("img")) == 9 * 4
    assert all(image["alt"] and image["loading"] == "lazy" for image in tags.all("img"))


def test_a_circuit_that_failed_says_why(client: TestClient, basis: Database) -> None:
    with basis.writing() as session:
        rows.add_circuit(session, state=JobState.FAILED)
    text, _ = _shown(client, "/circuits/cat-00000")
    assert "made up" in text and "appear here" in text


def test_no_such_circuit(client: TestClient) -> None:
    answer = client.get("/circuits/cat-00000")
    assert answer.status_code == 404
    assert "no circuit" in answer.text and "<h1>Not found</h1>" in answer.text


def test_hostile_words_stay_words(client: TestClient, basis: Database) -> None:
    with basis.writing() as session:
        rows.add_circuit(session, name=HOSTILE, class_name=HOSTILE)
        rows.add_circuit(session, "dog-00000", state=JobState.FAILED)
        problem = {"type": "x", "title": HOSTILE, "detail": HOSTILE}
        session.execute(update(Job).where(Job.id == "job-dog-00000").values(problem=problem))
    for path in ("/", "/circuits/cat-00000", "/circuits/dog-00000"):
        text, tags = _shown(client, path)
        assert tags.all("script") == []
        assert not any(name.startswith("on") or name == "style" for _, attrs in tags.tags for name in attrs)
        assert "{{7*7}}" in text and "<script" not in text


@pytest.mark.parametrize(("path", "most"), [("/", 2), ("/circuits/cat-00000", 8)])
def test_queries_do_not_grow_with_the_rows(
    client: TestClient, basis: Database, statements: list[str], path: str, most: int
) -> None:
    with basis.writing() as session:
        rows.add_circuit(session)
    _shown(client, path)
    few = len(statements)
    with basis.writing() as session:
        for number in range(20):
            rows.add_circuit(session, f"dog-{number:05}", rows.Shape(layers=5, groups=40, edges=100))
    statements.clear()
    _shown(client, path if path == "/" else "/circuits/dog-00000")
    assert len(statements) == few <= most


def test_the_style_is_served(sqlite_client: TestClient) -> None:
    answer = sqlite_client.get("/static/style.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert sqlite_client.get("/static/style.css", headers={"if-none-match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing", "/static/"])
def test_nothing_else_is_served(sqlite_client: TestClient, path: str) -> None:
    assert sqlite_client.get(path).status_code == 404
