"""The sources of settings, and where each value was found.

The order is that of :mod:`neurflow_store.installation.settings`. ``.env`` files are not read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    TomlConfigSettingsSource,
)

from neurflow_store.errors import SettingsError

PREFIX: Final = "NEURFLOW_"
SECRETS: Final = f"{PREFIX}SECRETS"
"""The environment variable that names a folder of secrets."""


def settings_file(home: Path | None = None) -> Path:
    """Return the path of ``settings.toml`` in ``home``, or in the data folder that the environment names."""
    return (home or Path(os.environ.get(f"{PREFIX}HOME") or "~/.neurflow")).expanduser().absolute() / "settings.toml"


def sources(
    settings_class: type[BaseSettings], given: PydanticBaseSettingsSource
) -> tuple[PydanticBaseSettingsSource, ...]:
    """Return all sources in order.

    Args:
        settings_class: the settings.
        given: the values of the command line, which take precedence.

    Raises:
        SettingsError: the folder of secrets does not exist, or ``settings.toml`` names its own data folder.
        tomllib.TOMLDecodeError: ``settings.toml`` is not valid TOML.
    """
    home = given().get("home")
    return (given, *(source for _, source in _found(settings_class, home)))


def origins(settings_class: type[BaseSettings], overrides: Mapping[str, Any]) -> dict[str, str]:
    """Return where each setting was found, in words; no entry for defaults.

    Raises:
        SettingsError: as for :func:`sources`.
    """
    found = dict.fromkeys(overrides, "command line")
    for place, source in _found(settings_class, overrides.get("home")):
        for name in source():
            found.setdefault(name, place(name))
    return found


def unknown_variables(settings_class: type[BaseSettings]) -> list[str]:
    """Return environment variables with the prefix of settings that are not settings, such as misspelt ones."""
    known = {f"{PREFIX}{name}".upper() for name in settings_class.model_fields} | {SECRETS}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)


def data_folder(path: Path) -> Path:
    """Return the path of a data folder, which need not exist yet.

    Raises:
        ValueError: it is a file, or below one.
    """
    path = path.expanduser().absolute()
    found = next(part for part in (path, *path.parents) if part.exists())
    if not found.is_dir():
        raise ValueError(f"{found} is a file: choose a folder")
    return path


def masked(value: str) -> str:
    """Replace the passwords in an address.

    >>> masked("postgresql://anna:s@cret@db:5432/neurflow")
    'postgresql://anna:***@db:5432/neurflow'
    >>> masked("rediss://queue/0?password=secret&ssl=1")
    'rediss://queue/0?password=***&ssl=1'
    """
    value = re.sub(r"(://[^:/@]*):.*@", r"\1:***@", value)
    return re.sub(r"((?:password|secret|token|key)=)[^&\s]*", r"\1***", value, flags=re.IGNORECASE)


def _found(
    settings_class: type[BaseSettings], home: Path | None
) -> list[tuple[Callable[[str], str], PydanticBaseSettingsSource]]:
    """Return the sources after the command line, each with a function that describes where a setting was found."""
    found: list[tuple[Callable[[str], str], PydanticBaseSettingsSource]] = [
        (lambda name: f"environment variable {PREFIX}{name.upper()}", EnvSettingsSource(settings_class))
    ]
    if folder := os.environ.get(SECRETS):
        secrets = Path(folder).expanduser()
        if not secrets.is_dir():
            raise SettingsError(f"{SECRETS} names {folder!r}, which is not a folder")
        found.append(
            (
                lambda name: f"secrets file {secrets / (PREFIX + name).lower()}",
                SecretsSettingsSource(settings_class, secrets),
            )
        )
    file = settings_file(Path(home) if home else None)
    if file.exists() and not file.is_file():
        raise SettingsError(f"{file} is not a file")
    listed = TomlConfigSettingsSource(settings_class, file)
    if "home" in listed():
        raise SettingsError(
            f"{file} sets the data folder: set {PREFIX}HOME instead, because the file itself is in the data folder"
        )
    found.append((lambda _: str(file), listed))
    return found
