"""``neurflow.Client`` against a real service: its methods, and its errors."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import httpx2
import matplotlib.colors
import numpy as np
import pytest

import neurflow
from neurflow.client import CircuitHandle, Client
from neurflow.client.circuit_handle import Form
from neurflow.client.figure import NEGATIVE, POSITIVE
from neurflow.result.file_format import save_circuit, validate_folder
from neurflow.terms.errors import ClientError, JobFailed, ServiceUnreachable, StorageError
from neurflow_store.artifacts import ArtifactStore
from neurflow_store.exports import bundle
from neurflow_store.installation.database import Database
from neurflow_store.tables import JobState
from tests.engine.circuits import CIRCUIT, pictures_of
from tests.store import rows
from tests.store.stored_circuit import CIRCUIT_ID, NAME, store_circuit


@pytest.fixture
def circuit(client: Client, database: Database, store: ArtifactStore) -> CircuitHandle:
    """A circuit with known content."""
    store_circuit(database, store)
    return client.circuit(CIRCUIT_ID)


@pytest.fixture
def basis(database: Database) -> None:
    """An inspected network and data set."""
    with database.writing() as session:
        rows.add_basis(session)


def test_importing_the_client_imports_no_large_package() -> None:
    assert neurflow.Client is Client
    code = (
        "import sys, neurflow; neurflow.Client; "
        "print(sorted({'httpx2', 'pandas', 'matplotlib', 'torch', 'tqdm', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert result.stdout == "[]\n"


@pytest.mark.parametrize("package", ["httpx2", "pandas", "matplotlib"])
def test_a_missing_package_is_reported_with_the_remedy(
    package: str, circuit: CircuitHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def use() -> None:
        Client()
        circuit.groups()
        circuit.figure()

    for name in [package, *(name for name in sys.modules if name.startswith(f"{package}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        ModuleNotFoundError, match=rf"{package} is not installed: pip install 'neurflow-explorer\[client\]'"
    ):
        use()


@pytest.mark.usefixtures("basis")
def test_networks_and_data_sets_are_listed_and_read(client: Client) -> None:
    (network,), (dataset,) = client.networks(), client.datasets()
    assert (network["id"], dataset["id"]) == (rows.NETWORK, rows.DATASET)
    assert client.network(network)["classes"] == list(rows.CLASSES)
    assert {entry["name"] for entry in client.dataset(rows.DATASET)["classes"]} == set(rows.CLASSES)


def test_all_pages_of_circuits_are_read(client: Client, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session, images=0)
        for number in range(230):
            rows.add_circuit(session, f"cat-{number:05}", state=JobState.QUEUED)
        rows.add_circuit(session, "dog-00000", rows.Shape(), class_name="dog")
    assert len({circuit.id for circuit in client.circuits()}) == 231
    (dog,) = client.circuits(class_name="dog", state="succeeded", network=client.networks()[0])
    assert (dog.id, dog.class_name) == ("dog-00000", "dog")
    with pytest.raises(ClientError, match="colour") as caught:
        next(client.circuits(colour="red"))
    assert caught.value.status == 422


@pytest.mark.usefixtures("basis")
def test_the_same_request_gives_the_same_circuit(client: Client) -> None:
    (network,), (dataset,) = client.networks(), client.datasets()
    circuit = client.request(network, dataset, "cat", name="My cats", images=5, crops=(1.0, 0.5))
    assert (circuit.name, circuit.class_name, circuit.state) == ("My cats", "cat", "queued")
    assert client.request(rows.NETWORK, rows.DATASET, "cat", images=5, crops=[1.0, 0.5]).id == circuit.id
    assert circuit.overview()["parameters"]["images"] == 5
    assert [each.class_name for each in client.batch(network, dataset, ["cat", "dog"], images=5)] == ["cat", "dog"]
    assert len(client.batch(network, dataset)) == len(rows.CLASSES)


@pytest.mark.usefixtures("basis")
def test_an_invalid_request_is_reported_with_the_value(client: Client) -> None:
    cases: list[tuple[tuple[str, str, str], dict[str, Any], str]] = [
        ((rows.NETWORK, rows.DATASET, "unicorn"), {}, "unicorn"),
        ((rows.NETWORK, rows.DATASET, "cat"), {"tau": 0}, "tau"),
        ((rows.NETWORK, rows.DATASET, "cat"), {"taus": 1}, "taus"),
        (("none-00000", rows.DATASET, "cat"), {}, "none-00000"),
    ]
    for arguments, parameters, message in cases:
        with pytest.raises(ClientError, match=message) as caught:
            client.request(*arguments, **parameters)
        assert caught.value.status in (404, 422)
        assert caught.value.title and caught.value.detail


@pytest.mark.usefixtures("basis")
def test_a_circuit_is_cancelled_and_requested_again(client: Client) -> None:
    circuit = client.request(rows.NETWORK, rows.DATASET, "cat")
    circuit.cancel()
    assert circuit.state == "cancelled"
    with pytest.raises(JobFailed, match="cancelled"):
        circuit.wait(progress=False)
    with pytest.raises(ClientError, match=f"No result yet: circuit {circuit.id} is cancelled"):
        circuit.groups()
    assert client.request(rows.NETWORK, rows.DATASET, "cat").state == "queued"


def test_groups_edges_and_exemplars_are_data_frames(circuit: CircuitHandle) -> None:
    groups = circuit.groups()
    assert list(groups.index) == ["layer1/0", "layer2/0", "layer2/1", "fc/0"]
    group = groups.to_dict("index")["layer2/1"]
    assert (group["number"], group["neurons"], group["contribution"], group["logit_drop"]) == (1, [1, 3], 0.75, 3.5)
    edges = circuit.edges()
    assert edges["weight"].sum() == sum(edge.weight for edge in CIRCUIT.edges)
    exemplars = circuit.exemplars()
    assert len(exemplars) == sum(len(group.exemplars) for group in CIRCUIT.groups)
    one = circuit.exemplars("layer2/1")
    assert list(one.index) == [("layer2/1", 0), ("layer2/1", 1)]
    nearest = one.to_dict("records")[0]
    assert (nearest["image"], nearest["left"], nearest["activation"]) == ("cat/0002.png", 16, 1.25)
    assert circuit.picture(nearest["picture"]).startswith(b"RIFF")
    with pytest.raises(ClientError, match="layer9/0"):
        circuit.exemplars("layer9/0")


def test_the_figure_shows_layers_groups_and_signs(circuit: CircuitHandle) -> None:
    figure = circuit.figure()
    (axes,) = figure.axes
    assert axes.get_title(loc="left") == f"{NAME} ({CIRCUIT_ID})"
    texts = [text.get_text() for text in axes.texts]
    assert texts[:3] == ["layer1", "layer2", "fc"]
    assert "1: +0.75" in texts and "0: -0.25" in texts
    assert len(axes.images) == len(CIRCUIT.groups)
    lines = [line for line in axes.lines if line.get_zorder() == 1]
    assert sorted(line.get_color() for line in lines) == sorted([POSITIVE] * 3 + [NEGATIVE])
    # The group that contributes most comes first, and shows its own exemplars.
    first = min(
        (image for image in axes.images if image.get_extent()[2] == 1.7), key=lambda image: image.get_extent()[0]
    )
    pixels = np.asarray(first.get_array())[32, 32, :3]
    assert np.abs(pixels.astype(int) - (80, 80, 120)).max() < 8  # patch 2 of `pictures_of`
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert matplotlib.colors.to_hex(POSITIVE) != matplotlib.colors.to_hex(NEGATIVE)


def test_a_figure_is_limited_to_some_groups_and_exemplars(
    client: Client, database: Database, store: ArtifactStore
) -> None:
    store_circuit(database, store)
    axes = client.circuit(CIRCUIT_ID).figure(groups_per_layer=1, exemplars=1).axes[0]
    assert len(axes.images) == 3
    assert {image.get_extent()[1] - image.get_extent()[0] for image in axes.images} == {1}


@pytest.mark.parametrize(
    ("name", "form", "start"),
    [
        ("cat.zip", None, b"PK"),
        ("cat.json", None, b"{"),
        ("cat.graphml", None, b"<?xml"),
        ("tables.zip", "csv", b"PK"),
        ("graph.json", "attribution-graph", b'{"metadata"'),
    ],
)
def test_each_format_is_downloaded(
    circuit: CircuitHandle, tmp_path: Path, name: str, form: Form | None, start: bytes
) -> None:
    path = circuit.download(tmp_path / name, form)
    assert path == tmp_path / name
    assert path.read_bytes().startswith(start)
    circuit.download(path, form)  # replaces the former


def test_a_download_is_complete_or_missing(circuit: CircuitHandle, client: Client, tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="pass form="):
        circuit.download(tmp_path / "cat.xyz")
    with pytest.raises(StorageError, match="cannot be written: no such file"):
        circuit.download(tmp_path / "nowhere" / "cat.zip")
    circuit.delete()
    with pytest.raises(ClientError, match="no circuit 'cat-7k2m9'") as caught:
        circuit.download(tmp_path / "cat.zip")
    assert caught.value.status == 404
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith("zip")] == []


def test_a_circuit_is_renamed_and_deleted(circuit: CircuitHandle, client: Client) -> None:
    assert circuit.rename("Other cats").name == "Other cats"
    assert client.circuit(CIRCUIT_ID).name == "Other cats"
    assert repr(circuit) == "<circuit cat-7k2m9 'Other cats' succeeded>"
    circuit.delete()
    assert list(client.circuits()) == []
    with pytest.raises(ClientError, match="imported|registered|no circuit"):
        circuit.recompute()


@pytest.mark.usefixtures("worker")
def test_a_downloaded_circuit_is_imported_unchanged(circuit: CircuitHandle, client: Client, tmp_path: Path) -> None:
    circuit.download(tmp_path / "cat.zip")
    assert client.import_circuit(tmp_path / "cat.zip", progress=False).id == CIRCUIT_ID
    circuit.delete()
    back = client.import_circuit(tmp_path / "cat.zip", progress=False)
    assert (back.id, back.name, back.state) == (CIRCUIT_ID, NAME, "succeeded")
    back.download(tmp_path / "back.zip")
    assert validate_folder(bundle.read_bundle(tmp_path / "back.zip", tmp_path / "back").folder) == CIRCUIT


@pytest.mark.usefixtures("worker")
def test_a_zipped_trace_folder_is_imported(client: Client, tmp_path: Path) -> None:
    save_circuit(CIRCUIT, pictures_of(CIRCUIT), tmp_path / "cat")
    with zipfile.ZipFile(tmp_path / "cat.zip", "w") as archive:
        for path in (tmp_path / "cat").rglob("*.*"):
            archive.write(path, path.relative_to(tmp_path))
    circuit = client.import_circuit(tmp_path / "cat.zip", name="From afar", visibility="private", progress=False)
    assert client._service.get("circuits", circuit.id)["visibility"] == "private"
    assert (circuit.name, circuit.class_name, len(circuit.groups())) == ("From afar", "cat", 4)


def test_a_refused_upload_is_reported(client: Client, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("hello")
    for upload in (client.import_circuit, client.upload_dataset):
        with pytest.raises(ClientError) as caught:
            upload(tmp_path / "text.zip")
        assert caught.value.status in (415, 422)
    with pytest.raises(ClientError) as caught:
        client.upload_network(tmp_path / "text.zip", "torchvision/resnet18")
    assert caught.value.status in (415, 422)


def test_another_server_is_reported() -> None:
    for url in ("not an address", "ftp://127.0.0.1"):
        with pytest.raises(ServiceUnreachable), Client(url) as client:
            client.networks()


def test_the_address_may_end_in_a_slash(url: str) -> None:
    with Client(url + "/") as client:
        assert repr(client) == f"<neurflow.Client {url}>"
        assert client.networks() == []


def test_a_token_is_sent_to_the_service_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, json={"items": [], "next": None})

    real = httpx2.Client
    monkeypatch.setattr(httpx2, "Client", lambda **more: real(**more, transport=httpx2.MockTransport(answer)))
    with Client("http://circuits.example", token="nf_a_b") as client:  # noqa: S106 - made up
        client.networks()
        with pytest.raises(ClientError, match="is not at http://circuits.example"):
            client._service.read("http://elsewhere.example/picture")
        with pytest.raises(ClientError):
            client._service.read("//elsewhere.example/picture")
        client._service.read("http://circuits.example/picture")
    assert [request.url.host for request in sent] == ["circuits.example"] * 2
    assert {request.headers["authorization"] for request in sent} == {"Bearer nf_a_b"}
    with Client("http://circuits.example") as client:
        client.networks()
    assert "authorization" not in sent[-1].headers
