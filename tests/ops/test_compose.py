"""Rules for ``docker-compose.yml`` and ``Dockerfile``. ``test_compose_processes`` runs their commands."""

from __future__ import annotations

import re

import click
import pytest

from neurflow.cli import main
from neurflow_store.installation.setting_sources import PREFIX
from neurflow_store.installation.settings import Settings, load_settings
from tests.ops.compose import OURS, PARSED, ROOT, SERVICES, TEXT, MissingVariable, fill_in

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
STAGES = dict(re.findall(r"^FROM \S+ AS (\S+)\n((?:(?!FROM ).*\n)*)", DOCKERFILE, re.MULTILINE))
each_service = pytest.mark.parametrize("name", SERVICES)
each_of_ours = pytest.mark.parametrize("name", OURS)


def test_the_services_of_a_team_are_defined() -> None:
    wanted = {"postgres", "redis", "migrate", "web", "sweeper", "worker", "worker-gpu", "interactive"}
    assert set(SERVICES) == wanted
    assert [name for name, service in SERVICES.items() if service.get("profiles")] == ["worker-gpu"]


@each_service
def test_services_have_health_checks_and_few_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["user"].split(":")[0] not in ("", "0", "root")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")


@each_service
def test_services_write_into_named_volumes(name: str) -> None:
    for volume in SERVICES[name]["volumes"]:
        source, _, target = volume.partition(":")
        assert source in PARSED["volumes"], volume
        assert target.startswith("/")


def test_every_volume_and_network_is_used() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert used == set(PARSED["volumes"])
    assert {network for service in SERVICES.values() for network in service["networks"]} == set(PARSED["networks"])


@each_service
def test_dependencies_wait_for_conditions_that_can_be_met(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        ends = SERVICES[other]["restart"] == "no"
        assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy")


def test_only_the_web_server_is_published_and_only_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])
    assert SERVICES["web"]["environment"]["NEURFLOW_AUTH"] == "proxy"
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]
    assert PARSED["networks"]["inside"]["internal"] is True


def test_the_file_contains_no_secret() -> None:
    assert "build" not in SERVICES["postgres"]
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN|KEY", name):
                assert re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?.+\}", value), name
    assert re.findall(r"//[^/\s]*:[^/\s]*@", TEXT) == [], "an address with a password"


def test_without_a_password_nothing_starts() -> None:
    with pytest.raises(MissingVariable, match=r"write POSTGRES_PASSWORD=\S+ into the file \.env"):
        fill_in(SERVICES, {})
    assert fill_in(SERVICES, {"POSTGRES_PASSWORD": "x"})["web"]["environment"]["PGPASSWORD"] == "x"


@each_of_ours
def test_every_setting_exists_and_is_valid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = fill_in(SERVICES[name]["environment"], {"POSTGRES_PASSWORD": "x"})
    names = [key for key in environment if key.startswith(PREFIX)]
    assert {key.removeprefix(PREFIX).lower() for key in names} <= set(Settings.model_fields)
    for key in names:
        monkeypatch.setenv(key, str(environment[key]))
    load_settings()


@each_of_ours
def test_every_command_is_accepted_by_the_command_line(name: str) -> None:
    command, *arguments = SERVICES[name]["command"]
    found = main.get_command(click.Context(main), command)
    assert found is not None
    found.make_parser(click.Context(found)).parse_args(arguments)


@each_of_ours
def test_every_image_is_built_for_the_same_user(name: str) -> None:
    build = SERVICES[name]["build"]
    assert build["context"] == "."
    assert f"USER {SERVICES[name]['user']}\n" in STAGES[build["target"]]
    assert re.search(r"useradd .*--uid 10001 ", STAGES["base"])


def test_the_dockerfile_has_the_targets_and_the_tested_versions() -> None:
    assert {"frontend", "api", "worker"} <= set(STAGES)
    for stage, extra in (("api", "server"), ("worker", "worker")):
        assert "--constraint /source/constraints.txt" in STAGES[stage]
        assert re.findall(r"\[(\w+)\]\"", STAGES[stage]) == [extra]


def test_the_build_context_holds_what_the_dockerfile_copies() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }
    assert {name.partition("/")[0] for name in copied} | {"constraints.txt"} <= allowed
    assert all((ROOT / name).exists() for name in copied)
