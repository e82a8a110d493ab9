"""The folder of the tests' archives, and their limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from neurflow_store.installation.settings import Settings
from tests.store.archives.checking import Make


@pytest.fixture
def limits(make_settings: Make) -> Settings:
    return make_settings(max_archive_files=100, max_archive_bytes=20_000_000, max_archive_ratio=50)


@pytest.fixture
def upload(tmp_path: Path) -> Iterator[Path]:
    """Return the path for an archive; at the end, check that nothing unexpected was written beside it."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    yield folder / "upload"
    assert [path.name for path in folder.iterdir()] in ([], ["upload"])
