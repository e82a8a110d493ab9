"""Networks and data sets: registered once, looked at again, deleted when no circuit needs them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from neurflow_store import registry, requests
from neurflow_store.artifacts import digest_of
from neurflow_store.clock import now
from neurflow_store.database import Database
from neurflow_store.errors import BadValue, Conflict, LeaseLost, NotFound
from neurflow_store.jobs import lease, queue
from neurflow_store.network_options import NetworkOptions
from neurflow_store.repositories import artifacts
from neurflow_store.settings import Settings
from neurflow_store.specs import allowed_folder, checked_dataset_spec, checked_network_spec
from neurflow_store.tables import (
    Dataset,
    DatasetImage,
    Evaluation,
    Job,
    JobKind,
    JobState,
    Network,
    Prediction,
    Queue,
)
from neurflow_store.trace_parameters import TraceParameters
from tests.services.fixtures import RecordingBell
from tests.store import rows

FILE = digest_of(b"a file")
PROBLEM = {"type": "network", "title": "No such network", "detail": "torchvision has no classifier 'resnet81'"}


def count(database: Database, table: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def end_job(database: Database, job_id: str, state: JobState) -> None:
    """Has a worker end a job, or somebody cancel it."""
    if state is JobState.CANCELLED:
        with database.writing() as session:
            queue.cancel(session, job_id)
        return
    with database.writing() as session:
        held = lease.claim(session, job_id, "worker", 30)
        assert held is not None
        if state is JobState.SUCCEEDED:
            lease.succeed(session, held)
        elif state is JobState.FAILED:
            lease.fail(session, held, PROBLEM)


def test_a_network_is_registered_and_looked_at(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        network = registry.register_network(session, bell, spec="torchvision/resnet18:IMAGENET1K_V1", request_id="r1")
        assert bell.rung == []
    assert bell.rung == [(Queue.INTERACTIVE, network.job_id)]
    assert network.id.startswith("resnet18-")
    assert network.name == "resnet18"
    with database.reading() as session:
        job = queue.find(session, network.job_id)
        assert (job.kind, job.subject, job.request_id) == (JobKind.INSPECT_NETWORK, network.id, "r1")
        assert session.get_one(Network, network.id).digest is None


def test_the_same_network_is_registered_once(database: Database, bell: RecordingBell) -> None:
    ids = set()
    for name in ("First", "Second"):
        with database.writing() as session:
            network = registry.register_network(
                session, bell, spec="demo/photos", name=name, options={"input_size": 64, "mean": None}
            )
            ids.add(network.id)
    with database.writing() as session:
        again = registry.register_network(session, bell, spec="demo/photos", options=NetworkOptions(input_size=64))
        other = registry.register_network(session, bell, spec="demo/photos", options=NetworkOptions(input_size=96))
    assert ids == {again.id}
    assert again.name == "First"
    assert again.options == {"input_size": 64}
    assert other.id != again.id
    assert len(bell.rung) == 2


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_what_was_not_looked_at_to_the_end_is_looked_at_again(
    database: Database, bell: RecordingBell, settings: Settings, state: JobState
) -> None:
    with database.writing() as session:
        network = registry.register_network(session, bell, spec="torchvision/resnet81")
        dataset = registry.register_dataset(session, bell, settings, spec="torchvision/CIFAR10")
    for job_id in (network.job_id, dataset.job_id):
        end_job(database, job_id, state)
    with database.writing() as session:
        network_again = registry.register_network(session, bell, spec="torchvision/resnet81")
        dataset_again = registry.register_dataset(session, bell, settings, spec="torchvision/CIFAR10")
    assert (network_again.id, dataset_again.id) == (network.id, dataset.id)
    assert network_again.job_id != network.job_id
    assert dataset_again.job_id != dataset.job_id
    assert len(bell.rung) == 4


def test_what_is_being_cancelled_is_looked_at_again(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        network = registry.register_network(session, bell, spec="demo/photos")
    with database.writing() as session:
        lease.claim(session, network.job_id, "worker", 30)
    with database.writing() as session:
        assert queue.cancel(session, network.job_id).state is JobState.RUNNING
    with database.writing() as session:
        assert registry.register_network(session, bell, spec="demo/photos").job_id != network.job_id


def test_a_network_with_weights_of_its_own(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        with pytest.raises(NotFound, match=FILE):
            registry.register_network(session, bell, spec="torchvision/resnet18", weights=FILE)
        artifacts.record(session, FILE, "application/octet-stream", 6)
    before = now()
    with database.writing() as session:
        network = registry.register_network(session, bell, spec="torchvision/resnet18", weights=FILE)
        plain = registry.register_network(session, bell, spec="torchvision/resnet18")
        assert network.weights == FILE
        assert network.id != plain.id
        assert artifacts.find(session, FILE).used_at >= before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"input_size": 4}, "options.input_size: .* greater than or equal to 8"),
        ({"mean": [0.5, 0.5]}, r"options.mean"),
        ({"std": [1, 1, 0]}, r"options.std.2: .* greater than 0"),
        ({"std": [1, 1, float("inf")]}, r"options.std.2: .* finite"),
        ({"classes": []}, "options.classes"),
        ({"classes": ["cat", "  "]}, "options.classes.1"),
        ({"classes": ["c\0t"]}, "options.classes.0"),
        ({"allow_code": True}, "options.allow_code: Extra inputs"),
    ],
)
def test_options_out_of_range_are_refused(
    database: Database, bell: RecordingBell, options: dict[str, Any], says: str
) -> None:
    with database.writing() as session, pytest.raises(BadValue, match=says):
        registry.register_network(session, bell, spec="demo/photos", options=options)
    assert count(database, Network) == count(database, Job) == 0


@pytest.mark.parametrize(
    "spec",
    [
        "demo/photos",
        "torchvision/vit_b_16",
        "torchvision/resnet18:random",
        "timm/convnext_tiny.fb_in1k",
        "timm/tf_efficientnet_b0.ns_jft_in1k",
        "timm/resnet18:random",
        "timm/vit-x_1",
    ],
)
def test_names_of_networks(spec: str) -> None:
    assert checked_network_spec(spec) == spec


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "resnet18",
        "demo/other",
        "torchvision/",
        "torchvision/../x",
        "torchvision/resnet18:",
        "timm/hf_hub:user/model",
        "timm/hf-hub:user/model",
        "timm/local-dir:/etc",
        "timm/resnet18:other",
        "timm/.x",
        "http://host/model.bin",
        "demo/photos\n",
        "torchvision/resnet18\0",
        "torchvision/réseau",
        "timm/" + "a" * 300,
    ],
)
def test_what_is_no_name_of_a_network_is_refused(spec: str) -> None:
    with pytest.raises(BadValue, match="unknown network .*: write demo/photos, torchvision/NAME"):
        checked_network_spec(spec)


@pytest.mark.parametrize("spec", ["net.py:make", "/srv/net.py:make", "timm/net.py", "torchvision/x.py:make", "net.py"])
def test_code_is_never_named_in_a_request(spec: str) -> None:
    with pytest.raises(BadValue, match="names Python code, which no request may have run"):
        checked_network_spec(spec)


def test_a_folder_within_the_roots_is_a_data_set(
    database: Database, bell: RecordingBell, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "data" / "cats").mkdir(parents=True)
    (tmp_path / "data" / "link").symlink_to("cats")
    settings = make_settings(data_roots=(tmp_path / "data",))
    ids = set()
    for path in ("cats", "link", "cats/", "./cats", "link/../cats"):
        with database.writing() as session:
            dataset = registry.register_dataset(session, bell, settings, spec=f"folder/{tmp_path}/data/{path}")
        assert dataset.spec == f"folder/{(tmp_path / 'data' / 'cats').resolve()}"
        ids.add(dataset.id)
    assert len(ids) == 1
    assert dataset.name == "cats"


@pytest.mark.parametrize("path", ["", ".", "photos", "~/photos", "data\0", "x" * 2000])
def test_a_folder_is_named_by_an_absolute_path(make_settings: Callable[..., Settings], path: str) -> None:
    with pytest.raises(BadValue, match="is no absolute path"):
        checked_dataset_spec(f"folder/{path}", make_settings(data_roots=("/",)))


def test_no_folder_may_be_read_until_a_root_is_set(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    with pytest.raises(BadValue, match=r"until the setting data_roots \(NEURFLOW_DATA_ROOTS\) names"):
        allowed_folder(str(tmp_path), make_settings())


def test_folders_outside_the_roots_are_refused(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    for name in ("data", "data-secret", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "out").symlink_to(tmp_path / "other")
    (tmp_path / "data" / "circle").symlink_to("circle")
    settings = make_settings(data_roots=(tmp_path / "data",))
    for path in ("other", "data-secret", "data/../other", "data/out", "nowhere", "data/circle", ""):
        with pytest.raises(BadValue, match="lies outside the folders that the setting data_roots names|does not exist"):
            allowed_folder(f"{tmp_path}/{path}", settings)
    with pytest.raises(BadValue, match="outside"):
        allowed_folder(str(tmp_path / "data" / "out"), settings)
    (tmp_path / "data" / "file").write_text("")
    for name in ("file", "missing"):
        with pytest.raises(BadValue, match=f"{name}' does not exist, or is no folder"):
            allowed_folder(str(tmp_path / "data" / name), settings)


@pytest.mark.parametrize(
    "spec", ["", "photos", "demo/other", "upload/cats", "torchvision/../x", "timm/x", "torchvision/"]
)
def test_what_is_no_name_of_a_data_set_is_refused(make_settings: Callable[..., Settings], spec: str) -> None:
    with pytest.raises(BadValue, match="unknown data set .*: write demo/photos, torchvision/NAME or folder/PATH"):
        checked_dataset_spec(spec, make_settings())


def test_an_uploaded_archive_is_a_data_set_once(database: Database, bell: RecordingBell, settings: Settings) -> None:
    with database.writing() as session:
        with pytest.raises(NotFound, match=FILE):
            registry.register_dataset(session, bell, settings, archive=FILE)
        artifacts.record(session, FILE, "application/zip", 6)
    with database.writing() as session:
        first = registry.register_dataset(session, bell, settings, archive=FILE, name="Cats & dogs")
        second = registry.register_dataset(session, bell, settings, archive=FILE, name="Other")
    assert first.id == second.id
    assert (first.spec, first.archive, first.name) == ("upload/cats-dogs", FILE, "Cats & dogs")


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "a\nb", "\ud800", "x" * 201])
def test_names_that_cannot_be_shown_are_refused(
    database: Database, bell: RecordingBell, settings: Settings, name: str
) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    with database.writing() as session:
        for ask in (
            lambda: registry.register_network(session, bell, spec="demo/photos", name=name),
            lambda: registry.register_dataset(session, bell, settings, spec="demo/photos", name=name),
            lambda: registry.rename_network(session, rows.NETWORK, name),
            lambda: registry.rename_dataset(session, rows.DATASET, name),
        ):
            with pytest.raises(BadValue, match="the name"):
                ask()


def test_renaming_keeps_the_id(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    with database.writing() as session:
        registry.rename_network(session, rows.NETWORK, " Ours ")
        registry.rename_dataset(session, rows.DATASET, "Photos")
        with pytest.raises(NotFound, match="no network 'missing'"):
            registry.rename_network(session, "missing", "x")
    with database.reading() as session:
        assert session.get_one(Network, rows.NETWORK).name == "Ours"
        assert session.get_one(Dataset, rows.DATASET).name == "Photos"


def test_looking_again_keeps_what_is_known(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    with database.writing() as session:
        network = registry.reinspect_network(session, bell, rows.NETWORK)
        dataset = registry.reinspect_dataset(session, bell, rows.DATASET)
        assert network.digest is not None
        assert dataset.digest is not None
    assert [job for _, job in bell.rung] == [network.job_id, dataset.job_id]
    with database.writing() as session:
        with pytest.raises(Conflict, match="network 'demo-net00' is being looked at: wait"):
            registry.reinspect_network(session, bell, rows.NETWORK)
        with pytest.raises(NotFound, match="no data set 'missing'"):
            registry.reinspect_dataset(session, bell, "missing")


def test_a_network_that_circuits_use_is_not_deleted(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
    with database.writing() as session, pytest.raises(Conflict, match="a circuit uses it: delete that first"):
        registry.delete_network(session, rows.NETWORK)
    with database.writing() as session:
        rows.add_circuit(session, "dog-00000")
    with database.writing() as session, pytest.raises(Conflict, match="2 circuits use it: delete them first"):
        registry.delete_dataset(session, rows.DATASET)
    for id in ("cat-00000", "dog-00000"):
        with database.writing() as session:
            requests.delete(session, id)
    with database.writing() as session:
        registry.delete_network(session, rows.NETWORK)
    assert (count(database, Evaluation), count(database, Prediction)) == (0, 0)
    assert count(database, Job) == 1
    with database.writing() as session:
        registry.delete_dataset(session, rows.DATASET)
    for table in (Network, Dataset, DatasetImage, Job):
        assert count(database, table) == 0
    with database.writing() as session, pytest.raises(NotFound, match="no network 'demo-net00'"):
        registry.delete_network(session, rows.NETWORK)


def test_deleting_takes_the_job_from_its_worker(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        network = registry.register_network(session, bell, spec="demo/photos")
    with database.writing() as session:
        held = lease.claim(session, network.job_id, "worker", 30)
    assert held is not None
    with database.writing() as session:
        registry.delete_network(session, network.id)
    with database.writing() as session, pytest.raises(LeaseLost):
        lease.succeed(session, held)


def test_an_evaluation_is_asked_for_once(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)
    with database.writing() as session:
        first = registry.request_evaluation(session, bell, rows.NETWORK, rows.DATASET)
    with database.writing() as session:
        again = registry.request_evaluation(session, bell, rows.NETWORK, rows.DATASET)
    assert (first.id, first.job_id) == (again.id, again.job_id)
    assert bell.rung == [(Queue.CIRCUITS, first.job_id)]
    end_job(database, first.job_id, JobState.SUCCEEDED)
    with database.writing() as session:
        assert registry.request_evaluation(session, bell, rows.NETWORK, rows.DATASET).job_id == first.job_id


def test_an_evaluation_is_outdated_by_looking_again(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)
    with database.writing() as session:
        first = registry.request_evaluation(session, bell, rows.NETWORK, rows.DATASET)
    end_job(database, first.job_id, JobState.SUCCEEDED)
    with database.writing() as session:
        dataset = registry.reinspect_dataset(session, bell, rows.DATASET)
    with database.writing() as session:
        same = registry.request_evaluation(session, bell, rows.NETWORK, rows.DATASET)
        assert same.job_id == first.job_id
    end_job(database, dataset.job_id, JobState.SUCCEEDED)
    with database.writing() as session:
        assert registry.request_evaluation(session, bell, rows.NETWORK, rows.DATASET).job_id != first.job_id


def test_nothing_is_evaluated_before_it_was_looked_at(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session, state=JobState.FAILED)
    with database.writing() as session:
        with pytest.raises(Conflict, match="data set 'photos-dat00' was not looked at yet: its job failed, made up"):
            registry.request_evaluation(session, bell, rows.NETWORK, rows.DATASET)
        with pytest.raises(NotFound, match="no network 'missing'"):
            registry.request_evaluation(session, bell, "missing", rows.DATASET)


def test_requests_at_the_same_moment_make_one_row_and_one_job(
    database: Database, bell: RecordingBell, settings: Settings
) -> None:
    barrier = threading.Barrier(6)
    problems: list[BaseException] = []

    def ask() -> None:
        try:
            barrier.wait()
            with database.writing() as session:
                registry.register_network(session, bell, spec="demo/photos")
            with database.writing() as session:
                registry.register_dataset(session, bell, settings, spec="demo/photos")
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert (count(database, Network), count(database, Dataset), count(database, Job)) == (1, 1, 2)
    assert len(bell.rung) == 2


def test_a_network_is_not_deleted_from_under_a_request(database: Database, bell: RecordingBell) -> None:
    """Whoever comes first: either the circuit is refused, or the network stays."""
    for _ in range(5):
        with database.writing() as session:
            network = registry.register_network(session, bell, spec="demo/photos")
            network.digest, network.classes = FILE, ["cat"]
            if session.get(Dataset, rows.DATASET) is None:
                rows.add_dataset(session)
        results: list[str] = []
        barrier = threading.Barrier(2)

        def delete(id: str = network.id, barrier: threading.Barrier = barrier, results: list[str] = results) -> None:
            barrier.wait()
            try:
                with database.writing() as session:
                    registry.delete_network(session, id)
            except Conflict:
                results.append("kept")

        def ask(id: str = network.id, barrier: threading.Barrier = barrier, results: list[str] = results) -> None:
            barrier.wait()
            try:
                with database.writing() as session:
                    circuit, _ = requests.request_circuit(
                        session,
                        bell,
                        network_id=id,
                        dataset_id=rows.DATASET,
                        class_name="cat",
                        parameters=TraceParameters(),
                    )
            except NotFound:
                results.append("refused")
                return
            with database.writing() as session:
                requests.delete(session, circuit.id)

        threads = [threading.Thread(target=delete), threading.Thread(target=ask)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) <= 1
        with database.reading() as session:
            assert (session.get(Network, network.id) is None) == (results != ["kept"])
