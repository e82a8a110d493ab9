"""Exported analyses: JSON with all measurements, a table, a page that works offline."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from html.parser import HTMLParser

import PIL.Image
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from neurflow_store.installation.database import Database
from neurflow_store.repositories import artifacts
from neurflow_store.tables import Analysis, Circuit, Exemplar, JobState
from tests.server.texts import HOSTILE
from tests.store import lens_rows, rows

API = "/api/v1/analyses/photo-00000"
EXPORT = f"{API}/export"
VOID = {"img", "meta"}


@pytest.fixture(autouse=True)
def _analysis(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
        rows.add_analysis(session)


class Seen(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(client: TestClient) -> str:
    answer = client.get(f"{EXPORT}/html")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def test_json_holds_all_measurements(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        for number in range(130):
            rows.add_measurement(session, f"m-{number:05}", created_at=rows.later(number))
        rows.add_analysis(session, "other-00000")
        rows.add_measurement(session, "n-00000", "other-00000")
    answer = client.get(f"{EXPORT}/json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="photo-00000.json"'
    assert answer.headers["cache-control"] == "private, no-cache"
    found = json.loads(answer.content)
    assert found["analysis"] == client.get(API).json()
    assert found["circuit"] | {"id": "cat-00000", "target": {"name": "cat", "index": 0}} == found["circuit"]
    assert found["circuit"]["network"]["spec"] == "demo/small-cnn"
    assert [measured["id"] for measured in found["measurements"]] == [f"m-{n:05}" for n in reversed(range(130))]
    assert found["measurements"][0] == client.get("/api/v1/measurements/m-00129").json()


def test_the_table_has_a_row_for_each_group(client: TestClient, database: Database) -> None:
    answer = client.get(f"{EXPORT}/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="photo-00000.csv"'
    table = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(table) == 6
    assert table[1] == {
        "group": "layer0/1",
        "layer": "layer0",
        "score": "1.125",
        "percentile": "87.5",
        "fires": "0",
        "silent": "1",
        "usual": "0.75",
        "best_left": "8",
        "best_top": "0",
        "best_right": "32",
        "best_bottom": "24",
        "best_score": "1.125",
        "highest_place": "1.5",
    }
    assert table[5]["usual"] == ""


def test_no_cell_becomes_a_formula(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        reading = dict(session.get_one(Analysis, "photo-00000").reading or {})
        groups = [
            group | {"id": f"{start}cmd|' /C calc'!A0/0", "layer": f"{start}cmd", "best": []}
            for group, start in zip(reading["groups"], "=+-@\t\r", strict=True)
        ]
        session.get_one(Analysis, "photo-00000").reading = reading | {"groups": groups}
    table = list(csv.reader(io.StringIO(client.get(f"{EXPORT}/csv").text, newline="")))
    assert {cell[0] for row in table[1:] for cell in row[:2]} == {"'"}
    assert {tuple(row[7:12]) for row in table[1:]} == {("",) * 5}


def test_the_page_works_offline(client: TestClient, app: FastAPI, database: Database) -> None:
    store = app.state.services.store
    digest = store.put(lens_rows.encoded("WEBP", 200))
    with database.writing() as session:
        artifacts.record(session, digest, "image/webp", 7)
        nearest = update(Exemplar).where(Exemplar.group_id == "layer0/0", Exemplar.rank == 0)
        session.execute(nearest.values(picture=digest))
    text = page(client)
    seen = Seen(text)
    (policy,) = [meta["content"] for meta in seen.named("meta") if "http-equiv" in meta]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert seen.named("script") == seen.named("link") == seen.named("iframe") == seen.named("a") == []
    assert re.findall(r"//|url\(|@import", re.sub(r"base64,[^\"]*", "", text)) == []
    pictures = [str(image["src"]) for image in seen.named("img")]
    sizes = []
    for address in pictures:
        start, _, data = address.partition(",")
        assert start == "data:image/webp;base64"
        with PIL.Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as opened:
            opened.load()
            sizes.append(opened.size)
    # The image; the heat map of each group below the class, and the exemplar of the one that has one.
    assert sizes == [(64, 48)] * 6
    assert re.findall(r"layer\d/\d", seen.text)[:4] == ["layer0/0", "layer1/0", "layer0/1", "layer1/1"]
    assert seen.text.count("layer2/") == 2, "in the table alone"
    assert "photo-00000.png in the circuit of cat" in seen.text
    assert all(said in seen.text for said in ("50.0 %", "inspected 2026-01-01 00:00 UTC", "M 1.25"))


def test_the_page_highlights_where_a_group_fires(client: TestClient) -> None:
    """The top row of the heat map is dark, its lower right corner is bright."""
    (overlay, *_) = [image["src"] for image in Seen(page(client)).named("img")][1:]
    with PIL.Image.open(io.BytesIO(base64.b64decode(str(overlay).partition(",")[2]))) as opened:
        width, light = opened.width, opened.convert("L").tobytes()
    lit, dim, outside = (light[y * width + x] for x, y in ((50, 42), (14, 6), (2, 42)))
    assert lit > 2 * dim
    assert abs(outside - dim) < 10


@pytest.mark.parametrize("name", HOSTILE)
def test_text_of_users_stays_text(client: TestClient, database: Database, name: str) -> None:
    plain = Seen(page(client))
    with database.writing() as session:
        session.get_one(Circuit, "cat-00000").name = name
        analysis = session.get_one(Analysis, "photo-00000")
        reading = analysis.reading or {}
        classes = [top | {"name": name} for top in reading["classes"]]
        groups = [group | {"id": f"{name[:50]}/0"} for group in reading["groups"]]
        analysis.name = name
        analysis.reading = reading | {"classes": classes, "target": classes[0], "groups": groups}
    seen = Seen(page(client))
    assert [tag for tag, _ in seen.tags] == [tag for tag, _ in plain.tags], "no element was added"
    assert {key for _, attributes in seen.tags for key in attributes} == {
        key for _, attributes in plain.tags for key in attributes
    }
    assert seen.text.count(name) >= 5
    for form in ("json", "csv"):
        answer = client.get(f"{EXPORT}/{form}")
        assert answer.headers["content-disposition"] == f'attachment; filename="photo-00000.{form}"'


def test_only_the_first_groups_are_on_the_page(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        analysis = session.get_one(Analysis, "photo-00000")
        reading = analysis.reading or {}
        first, last = reading["groups"][0], reading["groups"][-1]
        analysis.reading = reading | {"groups": [*({**first, "id": f"layer0/{n}"} for n in range(150)), last]}
    seen = Seen(page(client))
    assert len(seen.named("img")) == 121
    assert "30 more groups" in seen.text


def test_missing_and_unfinished_analyses_cannot_be_exported(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_analysis(session, "waits-00000", state=JobState.QUEUED)
    for form in ("json", "csv", "html"):
        assert client.get(f"/api/v1/analyses/waits-00000/export/{form}").status_code == 409
        assert client.get(f"/api/v1/analyses/nobody-00000/export/{form}").status_code == 404
    assert client.get(f"{EXPORT}/exe").status_code == 422
