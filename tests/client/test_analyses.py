"""``CircuitHandle.analyse`` against a real service and a worker: images, rankings, knock-outs, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurflow.client import AnalysisHandle, CircuitHandle, Client
from neurflow.terms.errors import ClientError
from tests.worker.lens_setup import photograph

PARAMETERS: Any = {
    "images": 4,
    "top_k": 5,
    "tau": 2,
    "crops": [1.0, 0.5],
    "layers": ["layer3.1", "layer4.1"],
    "held_out": 0,
}


@pytest.fixture
def circuit(client: Client, worker: None) -> CircuitHandle:
    """A circuit that was computed in the service."""
    network = client._service.post("networks", body={"spec": "demo/photos"})
    data = client._service.post("datasets", body={"spec": "demo/photos"})
    for kind, found in (("networks", network), ("datasets", data)):
        client._wait_until_inspected(kind, found, progress=False)
    return client.request(network, data, "cat", **PARAMETERS).wait(progress=False)


def test_an_image_is_analysed(circuit: CircuitHandle, tmp_path: Path) -> None:
    photograph("cat").save(tmp_path / "my cat.png")
    seen = circuit.analyse(tmp_path / "my cat.png", progress=False)
    assert isinstance(seen, AnalysisHandle)
    assert (seen.name, seen.id in seen.url) == ("my cat.png", True)
    assert seen.classes().index[0] == "cat"
    groups = seen.groups()
    assert list(groups.index) == list(circuit.groups().index)
    assert groups["score"].min() > 0
    place = seen.place(groups.index[0])
    assert place.shape == (32, 32)
    assert np.all(place >= 0)
    with pytest.raises(KeyError):
        seen.place("nowhere/0")
    assert seen.picture().startswith(b"RIFF")

    ranked = seen.rank()
    assert list(ranked["logit_drop"]) == sorted(ranked["logit_drop"], reverse=True)
    first = ranked.index[0]
    changes = seen.knock_out([first])
    drop = changes["logit"]["cat"] - changes["logit_after"]["cat"]
    assert drop == pytest.approx(ranked["logit_drop"][first], abs=1e-3)
    untouched = seen.knock_out({first: 1.0}, random_sets=2)
    assert untouched["logit_after"]["cat"] == pytest.approx(untouched["logit"]["cat"], abs=1e-4)

    assert [one.id for one in circuit.analyses()] == [seen.id]
    seen.delete()
    assert list(circuit.analyses()) == []


def test_a_file_that_is_not_an_image_is_refused(circuit: CircuitHandle, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(ClientError) as refused:
        circuit.analyse(tmp_path / "a.png", progress=False)
    assert refused.value.status == 415
    photograph("cat").save(tmp_path / "b.jpg")
    (tmp_path / "b.jpg").write_bytes((tmp_path / "b.jpg").read_bytes()[:-400])
    with pytest.raises(ClientError, match="truncated") as refused:
        circuit.analyse(tmp_path / "b.jpg", progress=False)
    assert refused.value.status == 422
    assert list(circuit.analyses()) == []
