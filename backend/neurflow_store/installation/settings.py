"""All settings of an installation: name, description, default, and sources.

A setting ``lease_seconds`` is read from the first of these that has it:

1. the environment variable ``NEURFLOW_LEASE_SECONDS``, unless it is empty,
2. a file ``neurflow_lease_seconds`` in the folder that ``NEURFLOW_SECRETS`` names (for passwords),
3. ``settings.toml`` in the data folder,
4. the default below.

Only the environment or the command line can set the data folder itself.
:mod:`neurflow_store.installation.setting_sources` finds where each value came from.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from neurflow_store.errors import SettingsError
from neurflow_store.installation.setting_sources import PREFIX, data_folder, masked, origins, settings_file, sources

MIB: Final = 1024 * 1024
SECRETS: Final = frozenset({"secret_key", "oidc_client_secret"})
"""Settings that are never shown."""

_BROKERS: Final = ("redis:", "rediss:", "redis+socket:", "filesystem:")


def _split(separators: str) -> BeforeValidator:
    """Return a validator that reads a list of words, separated as in an environment variable, or as JSON."""

    def split(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return [word.strip() for word in re.split(f"[{re.escape(separators)}]", value) if word.strip()]

    return BeforeValidator(split)


Words = Annotated[tuple[str, ...], NoDecode, _split(",")]
Origin = Annotated[str, StringConstraints(pattern=r"^https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?$")]
Origins = Annotated[tuple[Origin, ...], NoDecode, _split(",")]
Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
Folders = Annotated[tuple[Folder, ...], NoDecode, _split("," + os.pathsep)]


class Settings(BaseSettings):
    """The settings of one installation. ``docs/how-to/settings.md`` lists them for users."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    home: Annotated[Path, AfterValidator(data_folder)] = Field(
        Path("~/.neurflow"),
        validate_default=True,
        description="The data folder, which contains all data of the installation.",
    )
    database_url: str = Field("", description="Address of the database; empty for SQLite in the data folder.")
    broker_url: str = Field("", description="Address of Redis; empty for messages as files in the data folder.")
    artifacts_url: str = Field(
        "",
        description="Where pictures and files are stored: an fsspec address (s3://…), or empty for the data folder.",
    )
    host: str = Field("127.0.0.1", description="The address that the web server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port that the web server listens on; 0 for a free one.")
    auth: Literal["none", "proxy", "accounts", "oidc"] = Field(
        "none",
        description="Who can sign in: `none` is one local user, on this machine only; `proxy` trusts the proxy in "
        "front of the server to control access; `accounts` requires a name and a password; `oidc` signs "
        "users in through an OpenID Connect provider.",
    )
    public_url: str = Field(
        "", description="The address that users open, as https://circuits.example.org; required by `oidc`."
    )
    secret_key: str = Field("", description="The key that signs cookies; empty to create one in the data folder.")
    session_seconds: float = Field(7 * 86400.0, ge=60, description="How long a session lasts after signing in.")
    login_attempts: int = Field(
        10,
        ge=1,
        description="Maximum number of sign-in attempts for a name within five minutes; five times that for an "
        "address.",
    )
    uploads_per_hour: int = Field(200, ge=1, description="Maximum number of files that a user can upload in an hour.")
    links_per_hour: int = Field(100, ge=1, description="Maximum number of links that a user can create in an hour.")
    link_opens_per_minute: int = Field(
        600,
        ge=1,
        description="Maximum number of requests through links from one address within a minute, including pictures.",
    )
    oidc_issuer: str = Field("", description="Address of the OpenID Connect provider (its issuer).")
    oidc_client_id: str = Field("", description="The client id of this installation at the provider.")
    oidc_client_secret: str = Field("", description="The client secret of this installation at the provider.")
    oidc_email_domains: Words = Field(
        (), description="Only users with a verified e-mail address of these domains can sign in; empty for all."
    )
    oidc_role: Literal["viewer", "editor"] = Field(
        "viewer", description="The role of a user who first signs in through the provider."
    )
    allowed_hosts: Words = Field(
        ("127.0.0.1", "localhost", "[::1]"), description="Host names that the server responds to (Host header)."
    )
    frame_ancestors: Origins = Field(
        (), description="Sites that can embed shared views in a frame, such as https://notes.example.org."
    )
    data_roots: Folders = Field((), description="Folders in which folders of images can be registered.")
    max_upload_bytes: int = Field(2048 * MIB, ge=1, description="Largest upload, in bytes.")
    max_image_bytes: int = Field(64 * MIB, ge=1, description="Largest image to inspect, in bytes.")
    max_archive_files: int = Field(200_000, ge=1, description="Maximum number of files in an uploaded archive.")
    max_archive_bytes: int = Field(8192 * MIB, ge=1, description="Maximum size of an unpacked archive, in bytes.")
    max_archive_ratio: float = Field(200.0, ge=1, description="Maximum ratio of unpacked to packed size of a file.")
    browsable_images: int = Field(
        60, ge=1, le=1000, description="Pictures of each class that are kept for browsing and for measuring accuracy."
    )
    threads: int = Field(0, ge=0, le=1024, description="Threads that a worker computes with; 0 for all cores.")
    device: str = Field("auto", description="Device that workers compute on: auto, cpu, cuda, cuda:1, mps.")
    lease_seconds: float = Field(
        30.0, ge=0.5, description="A job is recovered if its worker sends no heartbeat for this long."
    )
    heartbeat_seconds: float = Field(5.0, ge=0.1, description="How often a worker renews the lease of its job.")
    progress_seconds: float = Field(0.25, ge=0.05, description="Shortest time between two writes of a job's progress.")
    max_attempts: int = Field(5, ge=1, description="Attempts without finishing another layer after which a job fails.")
    retry_seconds: float = Field(
        5.0, ge=0.01, description="Wait before a job is retried after a temporary error; doubles each time."
    )
    resend_seconds: float = Field(
        60.0, ge=0.5, description="Time after which a waiting job is sent to the workers again; doubles each time."
    )
    sweep_seconds: float = Field(2.0, ge=0.1, description="How often the sweeper looks for lost jobs.")
    visibility_seconds: float = Field(
        7 * 86400.0,
        ge=60,
        description="Time after which Redis delivers an unfinished task again; must be longer than the longest job.",
    )
    orphan_seconds: float = Field(
        86400.0,
        ge=1,
        description="How long an unused stored file, or an analysis whose image was never read, is kept before it "
        "is deleted.",
    )
    log_format: Literal["text", "json"] = Field("text", description="Format of the log lines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Lowest level that is logged.")

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        if value and not value.startswith(_BROKERS):
            raise ValueError("use redis://HOST:PORT/0, or leave it empty")
        return value

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("write https://HOST")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("use at least 32 characters, or leave it empty")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        """Fill in what depends on the data folder, and check settings against each other."""
        if self.heartbeat_seconds >= self.lease_seconds:
            raise ValueError(
                f"heartbeat_seconds is {self.heartbeat_seconds:g}, lease_seconds {self.lease_seconds:g}, so every job "
                "would be taken for lost: make heartbeat_seconds much shorter than lease_seconds"
            )
        missing = [name for name in ("public_url", "oidc_issuer", "oidc_client_id") if not getattr(self, name)]
        if self.auth == "oidc" and missing:
            raise ValueError(f"auth is oidc, which requires {' and '.join(missing)}")
        for name, value in self.derived.items():
            object.__setattr__(self, name, getattr(self, name) or value)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use the sources of :mod:`neurflow_store.installation.setting_sources`."""
        return sources(settings_cls, init_settings)

    @property
    def derived(self) -> dict[str, str]:
        """The values of settings that are left empty."""
        return {"database_url": f"sqlite:///{self.home / 'neurflow.db'}", "broker_url": "filesystem://"}

    @property
    def work(self) -> Path:
        """The folder for checkpoints and unpacked archives; can be emptied while nothing runs."""
        return self.home / "work"

    @property
    def has_accounts(self) -> bool:
        """Whether users sign in."""
        return self.auth in ("accounts", "oidc")

    @property
    def https_only(self) -> bool:
        """Whether users connect over HTTPS only, so that cookies can be limited to it."""
        return self.public_url.startswith("https://")

    @property
    def embedded(self) -> bool:
        """Whether messages are files in the data folder, with no broker to run."""
        return self.broker_url.startswith("filesystem:")


def load_settings(**overrides: Any) -> Settings:
    """Load the current settings.

    Args:
        overrides: values from the command line, which take precedence.

    Raises:
        SettingsError: a value is out of range, or ``settings.toml`` cannot be read or has an unknown name.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        places = origins(Settings, overrides)
        raise SettingsError("; ".join(_explained(problem, places) for problem in error.errors())) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{_file(overrides)} is not valid TOML: {error}") from None
    except OSError as error:
        raise SettingsError(f"{error.filename or _file(overrides)} cannot be read: {error.strerror}") from None


@dataclass(frozen=True)
class SettingLine:
    """A line of ``neurflow settings``: ``value`` as in JSON, with passwords masked."""

    name: str
    value: str | int | float | list[str]
    origin: str
    does: str


def explain(settings: Settings, **overrides: Any) -> list[SettingLine]:
    """Return each setting with its origin. Pass the ``overrides`` that ``settings`` were loaded with."""
    places = origins(Settings, overrides)
    defaults = dict.fromkeys(Settings.model_fields, "default") | dict.fromkeys(settings.derived, "derived from home")
    return [
        SettingLine(
            name, _shown(name, getattr(settings, name)), places.get(name, defaults[name]), field.description or ""
        )
        for name, field in Settings.model_fields.items()
    ]


def _shown(name: str, value: Any) -> Any:
    if name in SECRETS:
        return "***" if value else ""
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return value if isinstance(value, int | float) else masked(str(value))


def _file(overrides: dict[str, Any]) -> Path:
    home = overrides.get("home")
    return settings_file(Path(home) if home else None)


def _explained(problem: Any, places: dict[str, str]) -> str:
    says = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return str(says)
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return f"unknown setting {name} ({places.get(name, 'unknown place')}): run `neurflow settings` for a list"
    value = problem["input"]
    shown = "***" if name in SECRETS else repr(masked(value) if isinstance(value, str) else value)
    return f"setting {name} is {shown}: {says[0].lower()}{says[1:]} ({places.get(name, 'default')})"
