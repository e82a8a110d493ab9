"""Mutated uploads over every upload route: taken, or refused in our words without leaving anything."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.mutated_uploads import application, fuzz

ROUTES = {"circuits", "networks", "datasets", "analyses", "views/picture"}


pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),  # Pillow's of truncated files
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("half_parts"),
]


@pytest.fixture
def half_parts() -> Iterator[None]:
    """The framework leaves a part that breaks off to the garbage collector."""
    yield
    gc.collect()


def test_whatever_befalls_an_upload_it_is_taken_or_refused(tmp_path: Path) -> None:
    with application(tmp_path) as client:
        report = fuzz(client, 600, 5)
    assert report.faults == []
    found: dict[str, set[int]] = defaultdict(set)
    for route, status in report.answers:
        found[route].add(status)
    assert set(found) == ROUTES
    for route, statuses in found.items():
        assert statuses & {200, 201, 202, 204} and 422 in statuses, route
        assert statuses <= {200, 201, 202, 204, 400, 413, 415, 422}, route


def test_a_fault_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(path: Path, settings: object) -> None:
        path.with_name("left").touch()
        (path.parent.parent / "left").touch()
        raise ZeroDivisionError

    monkeypatch.setattr("neurflow_server.services.uploads.check_archive", leave)
    with application(tmp_path) as client:
        faults = fuzz(client, 40, 5).faults
    assert any("datasets" in fault and ": 500" in fault for fault in faults)
    assert any("leaves left" in fault for fault in faults)
