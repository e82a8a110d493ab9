"""``docs/architecture.md`` names each module, and the list of decisions each record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.mark.parametrize(
    ("title", "package"),
    [
        ("engine", "worker/neurflow"),
        ("store", "backend/neurflow_store"),
        ("server", "backend/neurflow_server"),
        ("worker", "worker/neurflow_worker"),
    ],
)
def test_every_module_and_no_other_is_described(title: str, package: str) -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    (section,) = re.findall(rf"^## Modules of the {title}\n(.*?)(?:^## |\Z)", page, re.MULTILINE | re.DOTALL)
    described = re.findall(r"^\| `([a-z_]+(?:/[a-z_]+)?/?)` \| .+ \|$", section, re.MULTILINE)
    assert len(described) == len(set(described))
    folder = ROOT / package
    # A package is one row, or a row and one for each of its modules.
    opened = {name.partition("/")[0] for name in described if not name.endswith("/") and "/" in name}
    assert set(described) == _modules(folder, "") | {
        name for room in opened for name in _modules(folder / room, f"{room}/")
    }


def _modules(folder: Path, prefix: str) -> set[str]:
    modules = {f"{prefix}{path.stem}" for path in folder.glob("*.py")} - {f"{prefix}__init__"}
    return modules | {f"{prefix}{path.parent.name}/" for path in folder.glob("*/__init__.py")}


def test_each_decision_is_listed_and_has_its_parts() -> None:
    listed = re.findall(
        r"^\| \[(\d{4})\]\((\1-[a-z-]+\.md)\) \|", (DOCS / "decisions" / "README.md").read_text("utf-8"), re.M
    )
    records = sorted(path.name for path in (DOCS / "decisions").glob("0*.md"))
    assert [name for _, name in listed] == records
    for name in records:
        parts = re.findall(r"^## (.+)$", (DOCS / "decisions" / name).read_text("utf-8"), re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences", "Alternatives"], name


def test_links_between_pages_have_targets() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
