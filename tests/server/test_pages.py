"""The pages' frames: what they load, that hostile text is escaped, and how the build's files are served."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from neurflow_server import pages
from neurflow_store.installation.database import Database
from tests.store import rows

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
MANIFEST = {
    "src/pages/gallery.ts": {
        "file": "assets/gallery-a1.js",
        "isEntry": True,
        "imports": ["_page.js"],
        "css": ["a.css"],
    },
    "src/pages/explorer.ts": {
        "file": "assets/explorer-b2.js",
        "isEntry": True,
        "imports": ["_graph.js", "_page.js"],
        "dynamicImports": ["_later.js"],
    },
    "src/pages/message.ts": {"file": "assets/message-c3.js", "isEntry": True, "imports": ["_page.js"]},
    "_graph.js": {"file": "assets/graph-d4.js", "imports": ["_page.js"], "css": ["graph.css"]},
    "_page.js": {"file": "assets/page-e5.js", "css": ["page.css"]},
    "_later.js": {"file": "assets/later-f6.js", "css": ["later.css"]},
}


class _Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend that the front end is built."""
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    monkeypatch.setattr(pages, "DIST", tmp_path)
    return tmp_path


@pytest.fixture
def basis(database: Database) -> Database:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
    return database


@pytest.mark.usefixtures("built", "basis")
def test_a_page_loads_what_its_entry_needs_at_once(client: TestClient) -> None:
    answer = client.get("/circuits/cat-00000")
    tags = _Tags(answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    modules = [script["src"] for script in tags.all("script") if script.get("type") == "module"]
    assert modules == ["/static/dist/assets/explorer-b2.js"]
    links = {(link["rel"], link["href"]) for link in tags.all("link")}
    base = "/static/dist"
    assert {("modulepreload", f"{base}/assets/graph-d4.js"), ("modulepreload", f"{base}/assets/page-e5.js")} <= links
    assert {("stylesheet", f"{base}/graph.css"), ("stylesheet", f"{base}/page.css")} <= links
    assert ("preload", "/api/v1/circuits/cat-00000") in links
    assert "later" not in answer.text, "what is loaded later is not in the way of the first view"


@pytest.mark.usefixtures("built")
def test_pages_have_no_inline_scripts_or_styles(client: TestClient) -> None:
    for path in ("/", "/circuits/none"):
        answer = client.get(path)
        tags = _Tags(answer.text)
        assert all("src" in script for script in tags.all("script"))
        assert tags.all("style") == []
        assert not any(name.startswith("on") or name == "style" for _, attrs in tags.tags for name in attrs)
        assert "script-src 'self';" in answer.headers["content-security-policy"]


@pytest.mark.usefixtures("built")
def test_hostile_names_are_escaped(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, name=HOSTILE)
    text = client.get("/circuits/cat-00000").text
    assert "<script>alert" not in text and "<img" not in text
    assert "{{7*7}}" in text


@pytest.mark.usefixtures("built")
def test_a_missing_circuit_s_page_links_back(client: TestClient) -> None:
    answer = client.get("/circuits/cat-99999")
    assert answer.status_code == 404
    assert "There is no circuit" in answer.text and 'href="/"' in answer.text


@pytest.mark.usefixtures("built")
def test_a_wrong_address_is_a_page_in_browsers_and_a_problem_in_programs(sqlite_client: TestClient) -> None:
    page = sqlite_client.get("/nowhere", headers={"accept": "text/html,application/xhtml+xml"})
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8" and 'href="/"' in page.text
    for path, accept in (("/nowhere", "*/*"), ("/api/v1/nowhere", "text/html")):
        problem = sqlite_client.get(path, headers={"accept": accept})
        assert problem.status_code == 404
        assert problem.headers["content-type"] == "application/problem+json"


def test_without_a_build_a_page_says_how_to_make_one(
    sqlite_client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "DIST", tmp_path / "none")
    answer = sqlite_client.get("/")
    assert answer.status_code == 503
    assert "make frontend" in answer.text


def test_built_files_are_cached_forever_and_compressed(sqlite_client: TestClient) -> None:
    (entry,) = [found for name, found in pages.entries(pages.DIST).items() if name == "explorer"]
    answer = sqlite_client.get(entry.module, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers.get("content-encoding") == "gzip" or len(answer.content) < 1024
    assert answer.headers["content-type"].startswith("text/javascript")


def test_other_files_are_revalidated(sqlite_client: TestClient) -> None:
    answer = sqlite_client.get("/static/theme.js", headers={"accept-encoding": "identity"})
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = {"accept-encoding": "identity", "if-none-match": answer.headers["etag"]}
    assert sqlite_client.get("/static/theme.js", headers=again).status_code == 304


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing", "/static/"])
def test_no_other_files_are_served(sqlite_client: TestClient, path: str) -> None:
    assert sqlite_client.get(path).status_code == 404


def test_the_glossary_has_an_anchor_for_each_term(client: TestClient) -> None:
    page = client.get("/glossary")
    assert page.status_code == 200
    found = _Tags(page.text)
    anchors = {attrs["id"] for attrs in found.all("h2")}
    source = (Path(pages.__file__).parent / "glossary.md").read_text("utf-8")
    assert len(anchors) == source.count("\n### ") > 50
    assert {"logit-drop", "core-neuron", "neuron-group"} <= anchors
    links = [attrs["href"] for attrs in found.all("a") if str(attrs["href"]).startswith("#")]
    assert {str(link)[1:] for link in links} == anchors
