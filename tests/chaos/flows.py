"""What people ask of an installation during the storm, again and again, with results that are known beforehand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from neurflow.result.circuit_json import comparable
from tests.chaos.client import Client, Refused

PARAMETERS = {
    "images": 4,
    "top_k": 6,
    "tau": 3,
    "crops": [1.0, 0.5],
    "held_out": 2,
    "layers": ["layer2.1", "layer3.1", "layer4.1"],
}


class Work:
    """The four flows, on one network and data set. Each compares what it gets with what it got undisturbed."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.network = self._registered("networks")
        self.dataset = self._registered("datasets")
        self.circuits = {name: self._asked(name) for name in ("cat", "coins", "coffee", "flower")}
        for id in self.circuits.values():
            client.done(f"/circuits/{id}")
        bundle = client.ask("GET", f"/circuits/{self.circuits['flower']}/export/zip")
        self._bundle = bundle.content
        client.ask("DELETE", f"/circuits/{self.circuits.pop('flower')}")
        self._picture = _picture()
        self._group = client.ask("GET", f"/circuits/{self.circuits['coffee']}").json()["groups"][0]["id"]

    def trace(self) -> list[bytes]:
        """Compute two circuits again."""
        found = []
        for name in ("cat", "coins"):
            path = f"/circuits/{self.circuits[name]}"
            before = self.client.ask("GET", path).json()["computed_at"]
            # A request that was done, but whose answer was lost, is told 409 the second time.
            self.client.ask("POST", f"{path}/recompute", fine=[409])
            self.client.until(path, lambda circuit, old=before: circuit["computed_at"] != old)  # type: ignore[misc]
            self.client.done(path)
            found.append(self._file(path))
        return found

    def lens(self) -> list[Any]:
        """Inspect an image, knock a group out, rank all groups, and delete the analysis."""
        circuit = self.circuits["coffee"]
        file = {"file": ("photo.png", self._picture, "image/png")}
        sent = self.client.ask("POST", "/uploads/analyses?wait=0", data={"circuit": circuit}, files=file).json()
        analysis = self.client.done(f"/analyses/{sent['id']}")
        found = [analysis["reading"]]
        about = {"circuit": circuit, "analysis": sent["id"]}
        knock_out = {"kind": "knock_out", "groups": [{"group": self._group}], "random_sets": 5}
        for asked in (knock_out, {"kind": "ranking"}):
            measurement = self.client.ask("POST", "/measurements", json=about | asked).json()
            done = self.client.done(f"/measurements/{measurement['id']}")
            found.append([done["knock_out"], done["ranking"]])
        self.client.ask("DELETE", f"/analyses/{sent['id']}", fine=[404])
        return found

    def bundle(self) -> bytes:
        """Import a circuit that was exported, and delete it."""
        file = {"file": ("flower.zip", self._bundle, "application/zip")}
        path = f"/circuits/{self.client.ask('POST', '/uploads/circuits', files=file).json()['id']}"
        self.client.done(path)
        found = self._file(path)
        self.client.ask("DELETE", path, fine=[404])
        return found

    def evaluation(self) -> list[Any]:
        """Inspect the data set anew, and measure the network's accuracy on it."""
        path = f"/datasets/{self.dataset}"
        self.client.ask("POST", f"{path}/inspect", fine=[409])
        self.client.done(path)
        asked = {"network": self.network, "dataset": self.dataset}
        evaluation = self.client.ask("POST", "/evaluations", json=asked).json()
        done = self.client.done(f"/evaluations/{evaluation['id']}")
        return [done["accuracy"], done["images"], done["classes"]]

    def _registered(self, kind: str) -> str:
        id = self.client.ask("POST", f"/{kind}", json={"spec": "demo/photos"}).json()["id"]
        self.client.done(f"/{kind}/{id}")
        return str(id)

    def _asked(self, name: str) -> str:
        body = {"network": self.network, "dataset": self.dataset, "class": name, "parameters": PARAMETERS}
        return str(self.client.ask("POST", "/circuits", json=body).json()["id"])

    def _file(self, path: str) -> bytes:
        return comparable(self.client.ask("GET", f"{path}/export/json").content)


class Flow(threading.Thread):
    """Does one thing until told to stop, and compares each result with the first."""

    def __init__(self, name: str, once: Callable[[], Any], stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.undisturbed = once()
        self.rounds, self.slowest = 0, 0.0
        self.problems: list[str] = []
        self._once, self._stopped = once, stop

    def run(self) -> None:
        """Go on until told to stop, or until a result is wrong: what comes after would say nothing."""
        while not self._stopped.is_set() and not self.problems:
            begun = time.monotonic()
            try:
                if self._once() != self.undisturbed:
                    self.problems.append(f"{self.name}: the result of round {self.rounds + 1} differs")
            except Refused as error:
                self.problems.append(f"{self.name}, round {self.rounds + 1}: {error}")
            self.rounds += 1
            self.slowest = max(self.slowest, time.monotonic() - begun)


def _picture() -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (12, 18, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(noise).resize((180, 120)).save(file, "PNG")
    return file.getvalue()
