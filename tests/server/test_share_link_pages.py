"""The page of a share link, its picture, and the page that other sites can embed."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from neurflow_store.installation.database import Database
from neurflow_store.sharing import links
from tests.server.conftest import ADDRESS
from tests.server.test_pages import HOSTILE, _Tags, built
from tests.server.test_share_links import ME, make, view
from tests.server.test_views_api import image

__all__ = ["built", "view"]


@pytest.mark.usefixtures("built")
def test_the_page_of_a_link_shows_the_view_and_is_not_indexed(client: TestClient, view: str) -> None:
    token = make(client, view)["token"]
    answer = client.get(f"/s/{token}")
    tags = _Tags(answer.text)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    meta = {tag.get("property") or tag.get("name"): tag["content"] for tag in tags.all("meta") if "content" in tag}
    assert (meta["og:title"], meta["og:description"]) == (HOSTILE, HOSTILE)
    assert str(meta["robots"]).startswith("noindex")
    assert "og:image" not in meta
    (main,) = tags.all("main")
    assert main["data-shared"] == f"/api/v1/shared/{token}"
    assert (main["data-circuit"], main["data-state"]) == ("cat-00000", "v=1&influence=80")
    assert (main["data-comment"], "data-embedded" in main) == ("no", False)
    assert "data-known" not in main and "data-analysis" not in main
    assert all("src" in script for script in tags.all("script"))
    assert len(tags.all("img")) == 0


@pytest.mark.usefixtures("built")
def test_the_picture_of_a_link_is_that_of_its_view(client: TestClient, view: str) -> None:
    token = make(client, view)["token"]
    assert client.get(f"/s/{token}/picture").status_code == 404
    client.put(f"{view}/picture", content=image(), headers={"content-type": "image/webp"})
    assert f'content="{ADDRESS}/s/{token}/picture"' in client.get(f"/s/{token}").text
    answer = client.get(f"/s/{token}/picture")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["cache-control"].startswith("private")


@pytest.mark.usefixtures("built")
def test_only_the_embedded_page_may_be_framed(
    make_settings: Any, database_url: str, database: Database, announcer: Any, view: str
) -> None:
    from neurflow_server.app import create_app

    settings = make_settings(
        database_url=database_url, frame_ancestors="https://notes.example.org,http://localhost:8888"
    )
    with database.writing() as session:
        _, token = links.create_link(session, ME, view.rpartition("/")[2])
    with TestClient(create_app(settings, announcer), base_url="https://127.0.0.1:8000") as client:
        answer = client.get(f"/embed/{token}")
        assert (
            "frame-ancestors https://notes.example.org http://localhost:8888"
            in answer.headers["content-security-policy"]
        )
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "x-frame-options" not in answer.headers
        assert "Secure; SameSite=None; Partitioned" in answer.headers["set-cookie"]
        (main,) = _Tags(answer.text).all("main")
        assert main["data-embedded"] == "yes"
        assert "site-head" not in answer.text
        for path in ("/", f"/s/{token}", "/circuits/cat-00000", f"/api/v1/shared/{token}"):
            other = client.get(path)
            assert "frame-ancestors 'none'" in other.headers["content-security-policy"]
            assert other.headers["x-frame-options"] == "DENY"


def test_without_the_setting_no_page_may_be_framed(client: TestClient, view: str) -> None:
    answer = client.get(f"/embed/{make(client, view)['token']}")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "site", ["https://a.example; script-src *", "example.org", "*", "https://a b", "'self'", "data:"]
)
def test_invalid_sites_are_refused_as_settings(make_settings: Any, site: str) -> None:
    with pytest.raises(ValueError, match="frame_ancestors"):
        make_settings(frame_ancestors=site)
