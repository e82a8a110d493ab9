"""Views from a notebook: listed, shared, and shown in a frame."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from neurflow.client import Client
from neurflow.client.iframe import IFrame
from neurflow.terms.errors import ClientError
from neurflow_store.installation.database import Database
from tests.store import rows, shared_rows


@pytest.fixture
def view(client: Client, database: Database) -> dict[str, Any]:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
        rows.add_circuit(session, "dog-00000")
        shared_rows.add_view(session)
    (found,) = client.views()
    return found


def test_views_are_listed(client: Client, view: dict[str, Any]) -> None:
    assert view["id"] == shared_rows.VIEW
    assert client.views(circuit="cat-00000") == [view]
    assert client.views(circuit="dog-00000") == []


def test_a_view_is_shared(client: Client, view: dict[str, Any]) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    link = client.share(view, may_comment=True, expires_at=end)
    assert link["address"].endswith(f"/s/{link['token']}")
    assert datetime.fromisoformat(link["expires_at"]) == end
    with pytest.raises(ClientError, match="no view"):
        client.share("none-00000")


def test_a_view_is_shown_in_a_frame(client: Client, view: dict[str, Any]) -> None:
    frame = client.show(view["id"], width=900, height=500)
    assert frame.address.startswith(f"{client.url}/embed/")
    assert client.show(link := client.share(view)).address == f"{client.url}/embed/{link['token']}"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{frame.address}x")  # noqa: S310 - our own server


def test_a_notebook_shows_a_view_as_one_frame() -> None:
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Reader().feed(IFrame('http://host/embed/x"><script>')._repr_html_())
    ((tag, attributes),) = found
    assert tag == "iframe"
    assert attributes["src"] == 'http://host/embed/x"><script>'
