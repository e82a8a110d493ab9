"""Sources of settings, their order, and errors for invalid settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from neurflow_store.errors import SettingsError
from neurflow_store.installation.setting_sources import masked, settings_file, unknown_variables
from neurflow_store.installation.settings import Settings, explain, load_settings


@pytest.fixture
def home(tmp_path: Path, make_settings: Callable[..., Settings]) -> Path:
    """The data folder that the environment names; no other setting is set."""
    return tmp_path / "home"


def test_defaults_need_no_settings(home: Path) -> None:
    settings = load_settings()
    assert settings.home == home
    assert settings.database_url == f"sqlite:///{home}/neurflow.db"
    assert settings.embedded
    assert settings.host == "127.0.0.1"
    assert settings.auth == "none"
    assert settings.work == home / "work"


def test_the_default_data_folder_is_in_the_user_s_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEURFLOW_HOME")
    monkeypatch.setenv("HOME", str(home))
    assert load_settings().home == home / ".neurflow"
    assert settings_file() == home / ".neurflow" / "settings.toml"


def test_the_first_source_with_a_value_wins(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    monkeypatch.setenv("NEURFLOW_SECRETS", str(secrets))
    found = []
    (home / "settings.toml").write_text("port = 1001\n")
    found.append(load_settings().port)
    (secrets / "neurflow_port").write_text("1002\n")
    found.append(load_settings().port)
    monkeypatch.setenv("NEURFLOW_PORT", "1003")
    found.append(load_settings().port)
    found.append(load_settings(port=1004).port)
    assert found == [1001, 1002, 1003, 1004]


def test_an_empty_variable_counts_as_unset(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURFLOW_PORT", "")
    monkeypatch.setenv("NEURFLOW_DATABASE_URL", "")
    assert (load_settings().port, load_settings().database_url) == (8000, f"sqlite:///{home}/neurflow.db")


def test_a_dotenv_file_is_not_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".env").write_text("NEURFLOW_PORT=1001\n")
    monkeypatch.chdir(home)
    assert load_settings().port == 8000


def test_the_settings_file_is_read_from_the_folder_named_on_the_command_line(home: Path, tmp_path: Path) -> None:
    (home / "settings.toml").write_text("port = 1001\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "settings.toml").write_text("port = 1002\n")
    assert load_settings(home=elsewhere).port == 1002


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a.example,b.example", ("a.example", "b.example")),
        (" a.example , b.example, ", ("a.example", "b.example")),
        ('["a.example", "b.example"]', ("a.example", "b.example")),
        ("[::1],localhost", ("[::1]", "localhost")),
        ("localhost", ("localhost",)),
    ],
)
def test_lists_are_written_with_commas(
    home: Path, monkeypatch: pytest.MonkeyPatch, written: str, read: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NEURFLOW_ALLOWED_HOSTS", written)
    assert load_settings().allowed_hosts == read


@pytest.mark.parametrize("written", [os.pathsep.join(["/a", "/b c"]), "/a,/b c", '["/a", "/b c"]', " /a , /b c "])
def test_lists_of_folders_are_written_like_paths(home: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("NEURFLOW_DATA_ROOTS", written)
    assert load_settings().data_roots == (Path("/a"), Path("/b c"))


def test_folders_are_resolved_to_absolute_paths(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/anna")
    monkeypatch.chdir(home)
    (home / "settings.toml").write_text('data_roots = ["~/pictures", "more:of,them"]\n')
    assert load_settings().data_roots == (Path("/users/anna/pictures"), home / "more:of,them")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "99999", "setting port is '99999': .*less than or equal to 65535 .environment variable NEURFLOW_PORT"),
        ("LEASE_SECONDS", "long", "setting lease_seconds is 'long': .*NEURFLOW_LEASE_SECONDS"),
        ("AUTH", "open", "setting auth is 'open': .*'none', 'proxy', 'accounts' or 'oidc'"),
        ("BROKER_URL", "amqp://anna:secret@q/", r"setting broker_url is 'amqp://anna:\*\*\*@q/': use redis://"),
        ("HEARTBEAT_SECONDS", "30", "heartbeat_seconds is 30, lease_seconds 30"),
        ("ALLOWED_HOSTS", '{"a": 1}', "setting allowed_hosts is"),
        ("SECRETS", "/nowhere/at/all", "NEURFLOW_SECRETS names '/nowhere/at/all', which is not a folder"),
    ],
)
def test_an_invalid_value_is_named_with_its_source(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"NEURFLOW_{name}", value)
    with pytest.raises(SettingsError, match=told) as caught:
        load_settings()
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value).lower().replace("neurflow_secrets", "")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("prot = 1\n", "unknown setting prot .*settings.toml.*run `neurflow settings` for a list"),
        ("port = 'x'\n", "setting port is 'x'.*settings.toml"),
        ("port =\n", "settings.toml is not valid TOML: .*line 1"),
        ("home = '/elsewhere'\n", "settings.toml sets the data folder: set NEURFLOW_HOME instead"),
        (b"port = 1 # \xff\n", "settings.toml is not valid TOML"),
    ],
)
def test_an_invalid_settings_file_is_named(home: Path, content: str | bytes, told: str) -> None:
    (home / "settings.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError, match=told):
        load_settings()


def test_an_unreadable_settings_file_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "settings.toml").write_text("port = 1\n")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(home / "settings.toml"))

    monkeypatch.setattr("pydantic_settings.TomlConfigSettingsSource._read_file", refuse)
    with pytest.raises(SettingsError, match="settings.toml cannot be read: Permission denied"):
        load_settings()


def test_a_folder_instead_of_the_settings_file_is_named(home: Path) -> None:
    (home / "settings.toml").mkdir()
    with pytest.raises(SettingsError, match="settings.toml is not a file"):
        load_settings()


def test_a_misspelt_option_is_named(home: Path) -> None:
    with pytest.raises(SettingsError, match="unknown setting prot .command line"):
        load_settings(prot=1)


def test_variables_that_are_not_settings_are_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEURFLOW_PROT", "NEURFLOW_SECRETS", "neurflow_port", "OTHER"):
        monkeypatch.setenv(name, "1")
    assert unknown_variables(Settings) == ["NEURFLOW_PROT"]


def test_each_setting_has_its_source(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = tmp_path / "secrets {1}"
    secrets.mkdir()
    (secrets / "neurflow_database_url").write_text("postgres://anna:s@cret@db/neurflow\n")
    monkeypatch.setenv("NEURFLOW_SECRETS", str(secrets))
    monkeypatch.setenv("NEURFLOW_DATA_ROOTS", "/a")
    (home / "settings.toml").write_text("log_level = 'debug'\n")
    lines = {line.name: line for line in explain(load_settings(port=80), port=80)}
    assert list(lines) == list(Settings.model_fields)
    assert {name: line.origin for name, line in lines.items() if line.origin != "default"} == {
        "home": "environment variable NEURFLOW_HOME",
        "database_url": f"secrets file {secrets}/neurflow_database_url",
        "broker_url": "derived from home",
        "port": "command line",
        "data_roots": "environment variable NEURFLOW_DATA_ROOTS",
        "log_level": str(home / "settings.toml"),
    }
    assert lines["database_url"].value == "postgres://anna:***@db/neurflow"
    assert (lines["data_roots"].value, lines["port"].value, lines["threads"].value) == (["/a"], 80, 0)
    assert all(line.does.endswith(".") for line in lines.values())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://:secret@q:6379/0", "redis://:***@q:6379/0"),
        ("postgresql://anna@db/neurflow", "postgresql://anna@db/neurflow"),
        ("postgresql://db/neurflow?user=anna&password=secret", "postgresql://db/neurflow?user=anna&password=***"),
        ("s3://bucket/folder", "s3://bucket/folder"),
        ("sqlite:////data/a:b@c.db", "sqlite:////data/a:b@c.db"),
    ],
)
def test_passwords_are_masked(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_settings_are_immutable(home: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1


def test_secrets_are_never_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURFLOW_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("NEURFLOW_OIDC_CLIENT_SECRET", "hush")
    values = {line.name: line.value for line in explain(load_settings())}
    assert (values["secret_key"], values["oidc_client_secret"]) == ("***", "***")
    monkeypatch.setenv("NEURFLOW_SECRET_KEY", "too short")
    with pytest.raises(SettingsError, match=r"setting secret_key is \*\*\*: use at least 32 characters"):
        load_settings()
