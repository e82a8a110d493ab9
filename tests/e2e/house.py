"""A whole installation in its own folder: a server that can be stopped and started again, and workers."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.ops.service import NEURFLOW, Api, end, environment, started, until
from tests.services.processes import free_port

PATIENCE = 120.0
"""Seconds, far more than anything takes."""
PARAMETERS: dict[str, Any] = {
    "images": 8,
    "top_k": 8,
    "tau": 4,
    "crops": [1.0, 0.5],
    "layers": ["layer2.1", "layer3.1", "layer4.1"],
    "held_out": 4,
}
"""A trace of a few seconds."""
SETTINGS = {
    "NEURFLOW_DEVICE": "cpu",
    "NEURFLOW_THREADS": "1",
    "NEURFLOW_PROGRESS_SECONDS": "0.1",
    "NEURFLOW_BROWSABLE_IMAGES": "6",
}


class House:
    """An installation in ``home`` with its own settings. Nothing runs until it is started."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home, self.port = home, free_port()
        self.api = Api(self.port)
        self.url = self.api.root
        self._environment = environment(home, **{**SETTINGS, **settings})
        self._log = home.with_name(f"{home.name}-{self.port}.log")
        self._server: subprocess.Popen[bytes] | None = None
        self._stack = ExitStack()

    def migrate(self) -> None:
        """Make the tables."""
        subprocess.run([NEURFLOW, "migrate"], env=self._environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words

    def start(self) -> None:
        """Start the server, always on the same port, and wait until it answers."""
        command = [NEURFLOW, "serve", "--port", str(self.port)]
        self._server = self._stack.enter_context(started(command, self._environment, self._log))
        until(self._answers, PATIENCE, f"the server's answer: {self._log}")

    def stop(self) -> None:
        """Stop the server, as if it went away for a while."""
        if self._server is not None:
            end(self._server)

    def close(self) -> None:
        """Stop everything that was started."""
        self._stack.close()

    @contextmanager
    def worker(self, *options: str) -> Iterator[None]:
        """Run a worker during the block, for all queues unless ``options`` name some."""
        log = self._log.with_name(f"{self.home.name}-worker-{free_port()}.log")
        with started([NEURFLOW, "worker", *options], self._environment, log):
            until(lambda: "worker ready" in log.read_text(), PATIENCE, f"a worker's readiness: {log}")
            yield

    def ask(self, class_name: str, parameters: Mapping[str, Any] = PARAMETERS, **values: Any) -> str:
        """Request a circuit of the demo's network and data set; return its id."""
        (network,) = self._succeeded("/networks")
        (dataset,) = self._succeeded("/datasets")
        body = {"network": network["id"], "dataset": dataset["id"], "class": class_name}
        return str(self.api.post("/circuits", body | {"parameters": dict(parameters)} | values)["id"])

    def circuit(self) -> Any:
        """Return the overview of the circuit that is already computed."""
        (card,) = [card for card in self.api.get("/circuits?state=succeeded")["items"] if card["class"] == "cat"]
        return self.api.get(f"/circuits/{card['id']}")

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/healthz", timeout=20).close()  # noqa: S310 - our own address
        except OSError:
            return False
        return True

    def _succeeded(self, path: str) -> Any:
        demo = [item for item in self.api.get(path)["items"] if item["spec"] == "demo/photos"]
        return demo[:1]


def make_template(home: Path) -> None:
    """Make a data folder with the demo's network and data set inspected, and a small circuit of "cat" computed."""
    house = House(home)
    try:
        house.migrate()
        house.start()
        with house.worker():
            house.api.register("demo/photos", "demo/photos", PATIENCE)
            house.api.finished(house.ask("cat"), PATIENCE)
    finally:
        house.close()


@contextmanager
def house(template: Path, home: Path, **settings: str) -> Iterator[House]:
    """Run a server on a copy of ``template`` in ``home``."""
    shutil.copytree(template, home)
    made = House(home, **settings)
    try:
        made.start()
        yield made
    finally:
        made.close()
