"""The commands of ``docker-compose.yml``, run as processes against a real PostgreSQL and Redis, with its settings.

Only what belongs to a container is replaced: the addresses of the databases, the data folder, and the port.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import skimage.data
from PIL import Image

from tests.ops.compose import SERVICES, fill_in
from tests.ops.service import NEURFLOW, SMALL, Api, end, environment, started, until
from tests.services.processes import free_port


class Stack:
    """The services of the file as processes of this machine."""

    def __init__(self, home: Path, **replaced: str) -> None:
        self._home = home
        self._replaced = replaced

    def environment(self, name: str) -> dict[str, str]:
        values = fill_in(SERVICES[name]["environment"], {"POSTGRES_PASSWORD": "not asked for here"})
        assert set(self._replaced) <= {*values, "NEURFLOW_PORT", "NEURFLOW_DATA_ROOTS"}
        return environment(self._home, **{key: str(value) for key, value in values.items()} | self._replaced)

    def command(self, name: str) -> list[str]:
        return [NEURFLOW, *SERVICES[name]["command"]]

    def health(self, name: str) -> subprocess.CompletedProcess[str]:
        kind, program, *arguments = SERVICES[name]["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "python")
        return subprocess.run(  # noqa: S603 - the words of our own file
            [sys.executable, *arguments], env=self.environment(name), capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the class "cat": parts of the photograph that the demo network knows."""
    folder = tmp_path_factory.mktemp("data") / "photos"
    (folder / "cat").mkdir(parents=True)
    cat = Image.fromarray(skimage.data.chelsea())  # type: ignore[no-untyped-call]
    for number in range(6):
        left, top = 100 + 20 * (number % 3), 20 + 40 * (number // 3)
        cat.crop((left, top, left + 160, top + 160)).resize((96, 96)).save(folder / "cat" / f"{number}.png")
    return folder


@pytest.fixture
def stack(tmp_path: Path, photos: Path, empty_postgresql_url: str, redis_url: str) -> Stack:
    return Stack(
        tmp_path / "home",
        NEURFLOW_HOME=str(tmp_path / "home"),
        NEURFLOW_DATABASE_URL=empty_postgresql_url,
        NEURFLOW_BROKER_URL=redis_url,
        NEURFLOW_PORT=str(free_port()),
        NEURFLOW_DATA_ROOTS=str(photos.parent),
    )


def test_the_services_compute_a_circuit(stack: Stack, photos: Path, tmp_path: Path) -> None:
    assert stack.health("migrate").returncode == 1
    subprocess.run(stack.command("migrate"), env=stack.environment("migrate"), check=True, capture_output=True)  # noqa: S603 - as above
    assert stack.health("migrate").returncode == 0
    assert stack.health("web").returncode == 1
    assert "no worker" in stack.health("worker").stderr

    names = ("web", "sweeper", "worker", "interactive")
    with ExitStack() as running:
        processes = {
            name: running.enter_context(started(stack.command(name), stack.environment(name), tmp_path / f"{name}.log"))
            for name in names
        }
        api = Api(int(stack.environment("web")["NEURFLOW_PORT"]))
        until(api.is_ready, 180, "the service")
        for name in names:
            health = stack.health(name)
            assert health.returncode == 0, health.stderr
        asked = api.post(
            "/circuits", {**api.register("demo/photos", f"folder/{photos}"), "class": "cat", "parameters": SMALL}
        )
        overview = api.finished(asked["id"])
        assert overview["groups"]
        assert overview["edges"]
        codes = {name: end(process) for name, process in processes.items()}
    assert codes == dict.fromkeys(names, 0)
    assert stack.health("worker").returncode == 1, "a worker that has ended is not alive"
