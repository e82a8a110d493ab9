"""``docs/how-to/settings.md`` lists each setting with the default and the text of the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from neurflow_store.installation.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "settings.md"


def shown(default: Any) -> str:
    if isinstance(default, tuple):
        default = ",".join(map(str, default))
    if isinstance(default, float):
        default = f"{default:.10g}"
    return f"`{default}`" if str(default) else "empty"


def row(name: str) -> tuple[str, str, str]:
    field = Settings.model_fields[name]
    return f"`{name}`", shown(field.default), str(field.description)


def test_the_page_lists_the_settings_of_the_code() -> None:
    listed = re.findall(r"^\| (`[a-z_]+`) \| (.+?) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert listed == [row(name) for name in Settings.model_fields]


def test_the_page_names_the_environment_variables_as_they_are_read() -> None:
    named = set(re.findall(r"NEURFLOW_([A-Z_]+)", PAGE.read_text("utf-8")))
    known = {name.upper() for name in Settings.model_fields} | {"SECRETS", "NAME"}
    assert named - known == set()
