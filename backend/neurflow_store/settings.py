"""Every setting of an installation: its name, what it does, its default, and where its value came from.

A setting ``lease_seconds`` is read, first found first taken, from

1. the environment variable ``NEURFLOW_LEASE_SECONDS``,
2. a file ``neurflow_lease_seconds`` in the folder that ``NEURFLOW_SECRETS`` names (for passwords),
3. ``settings.toml`` in the data folder,
4. the default below.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from neurflow_store.errors import SettingsError

PREFIX: Final = "NEURFLOW_"
MIB: Final = 1024 * 1024


class Settings(BaseSettings):
    """The settings of one installation. ``docs/how-to/settings.md`` lists them for people."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(Path("~/.neurflow"), description="The data folder: everything of the installation lies in it.")
    database_url: str = Field("", description="Address of the database; empty for SQLite in the data folder.")
    broker_url: str = Field("", description="Address of Redis; empty for messages as files in the data folder.")
    artifacts_url: str = Field(
        "",
        description="Where pictures and files lie: an fsspec address (s3://…), or empty for the data folder.",
    )
    host: str = Field("127.0.0.1", description="The address that the web server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port that the web server listens on; 0 for a free one.")
    auth: Literal["none", "proxy"] = Field(
        "none",
        description="Who may come in: `none` is one local user, on this machine only; "
        "`proxy` trusts that whatever stands before the server lets in only who may.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        ("127.0.0.1", "localhost", "[::1]"), description="Names by which the server may be addressed (Host header)."
    )
    data_roots: tuple[Path, ...] = Field((), description="Folders within which folders of images may be registered.")
    max_upload_bytes: int = Field(2048 * MIB, ge=1, description="Largest upload, in bytes.")
    max_archive_files: int = Field(200_000, ge=1, description="Most files in an uploaded archive.")
    max_archive_bytes: int = Field(8192 * MIB, ge=1, description="Most bytes that an archive may unpack to.")
    max_archive_ratio: float = Field(200.0, ge=1, description="Most times that a file in an archive may grow unpacked.")
    browsable_images: int = Field(
        60, ge=1, le=1000, description="Pictures of each class that are kept for browsing and for measuring accuracy."
    )
    threads: int = Field(0, ge=0, le=1024, description="Threads that a worker computes with; 0 for all cores.")
    device: str = Field("auto", description="Device that workers compute on: auto, cpu, cuda, cuda:1, mps.")
    lease_seconds: float = Field(
        30.0, ge=0.5, description="A job whose worker is silent for so long is taken up again."
    )
    heartbeat_seconds: float = Field(5.0, ge=0.1, description="How often a worker renews the lease of its job.")
    progress_seconds: float = Field(0.25, ge=0.05, description="Shortest time between two writes of a job's progress.")
    max_attempts: int = Field(
        5, ge=1, description="Times that a job is begun without finishing a further layer before it counts as failed."
    )
    retry_seconds: float = Field(5.0, ge=0.01, description="Wait before a passing fault is tried again; then doubled.")
    resend_seconds: float = Field(
        60.0, ge=0.5, description="A job that waits for so long is announced to the workers again; then doubled."
    )
    sweep_seconds: float = Field(2.0, ge=0.1, description="How often the sweeper looks for jobs that were lost.")
    visibility_seconds: float = Field(
        7 * 86400.0, ge=60, description="When Redis delivers an unfinished task again: longer than the longest job."
    )
    orphan_seconds: float = Field(
        86400.0, ge=1, description="How long a stored file that nothing refers to is kept before it is deleted."
    )
    log_format: Literal["text", "json"] = Field("text", description="Form of the log lines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *args: Any, **sources: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment, secrets, file, in that order; no ``.env`` that happens to lie around."""
        return (init_settings, sources.get("env_settings") or args[0], *_further_sources(settings_cls))

    def model_post_init(self, context: Any) -> None:
        """Fill in what depends on the data folder."""
        home = self.home.expanduser().absolute()
        values = {
            "home": home,
            "database_url": self.database_url or f"sqlite:///{home / 'neurflow.db'}",
            "broker_url": self.broker_url or "filesystem://",
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def work(self) -> Path:
        """Where workers keep checkpoints and unpacked archives; may be emptied while nothing runs."""
        return self.home / "work"

    @property
    def embedded(self) -> bool:
        """Whether messages are files in the data folder, with no broker to run."""
        return self.broker_url.startswith("filesystem:")


def _further_sources(settings_cls: type[BaseSettings]) -> list[PydanticBaseSettingsSource]:
    sources: list[PydanticBaseSettingsSource] = []
    if secrets := os.environ.get(f"{PREFIX}SECRETS"):
        sources.append(SecretsSettingsSource(settings_cls, secrets))
    sources.append(TomlConfigSettingsSource(settings_cls, settings_file()))
    return sources


def settings_file() -> Path:
    """``settings.toml`` in the data folder that the environment names."""
    return Path(os.environ.get(f"{PREFIX}HOME") or "~/.neurflow").expanduser() / "settings.toml"


def load_settings(**overrides: Any) -> Settings:
    """The settings as they hold now.

    Args:
        overrides: values from the command line, which come before all else.

    Raises:
        SettingsError: a value is out of its range, or ``settings.toml`` is no TOML or holds an unknown name.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("; ".join(_told(problem) for problem in error.errors())) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{settings_file()} is no TOML: {error}") from None


def _told(problem: Any) -> str:
    name = ".".join(map(str, problem["loc"])) or "settings"
    if problem["type"] == "extra_forbidden":
        return f"unknown setting {name}: `neurflow settings` lists them"
    where = f"environment variable {PREFIX}{name.upper()}"
    return f"setting {name} is {problem['input']!r}: {problem['msg'].lower()} ({where})"
