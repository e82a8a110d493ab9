"""Class maps: labels mapped to a network's classes, requests that use them, and what keeps its map."""

from __future__ import annotations

import pytest

from neurflow_store.asking import registry
from neurflow_store.asking.estimates import estimate
from neurflow_store.asking.requests import recompute
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.errors import BadValue, Conflict
from neurflow_store.installation.database import Database
from neurflow_store.tables import Circuit, Dataset, JobState, Network
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows
from tests.store.circuit_requests import ask, batch, count, end


@pytest.fixture(autouse=True)
def _basis(database: Database) -> None:
    """Add a network of cat, dog and fox, and a data set with four images each of kitty, dog and mug."""
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)
        names = ("kitty", "dog", "mug")
        classes = [{"name": name, "train": 3, "test": 1, "images": 4} for name in names]
        session.get_one(Dataset, rows.DATASET).classes = classes


def put(database: Database, **class_map: str) -> None:
    with database.writing() as session:
        registry.map_labels(session, rows.DATASET, class_map)


def test_a_class_without_images_is_refused_until_a_label_is_mapped_to_it(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    with pytest.raises(BadValue, match=r"means the class 'cat' \(#0\)\. Labels: dog, kitty, mug.*class_map"):
        ask(database, announcer, "cat")
    with pytest.raises(BadValue, match="means the class 'fox'"):
        batch(database, announcer, ["dog", "fox"])
    assert count(database, Circuit) == 0
    put(database, kitty="cat")
    circuit, begun = ask(database, announcer, "Cat")
    assert begun and (circuit.class_name, circuit.class_map) == ("cat", {"kitty": "cat"})
    assert [one.class_name for one, _ in batch(database, announcer, None)] == ["cat", "dog"]


def test_wordnet_ids_as_labels_name_the_classes_of_a_batch(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        session.get_one(Network, rows.NETWORK).classes = ["tench, Tinca tinca", "tabby", "lynx"]
        names = ("n01440764", "n02123045", "tench")
        classes = [{"name": name, "train": 3, "test": 1, "images": 4} for name in names]
        session.get_one(Dataset, rows.DATASET).classes = classes
    assert [one.class_name for one, _ in batch(database, announcer, None)] == ["tench, Tinca tinca", "tabby"]
    assert ask(database, announcer, "n02123045")[0].class_name == "tabby"
    assert ask(database, announcer, "Tench")[0].class_name == "tench, Tinca tinca"


def test_the_part_of_the_map_that_the_images_depend_on_belongs_to_the_request(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    dog, _ = ask(database, announcer, "dog")
    put(database, kitty="cat")
    assert ask(database, announcer, "dog")[0].id == dog.id
    cat, _ = ask(database, announcer, "cat")
    put(database, kitty="Cat", mug="cat")
    both, begun = ask(database, announcer, "cat")
    assert begun and both.id != cat.id and both.class_map == {"kitty": "cat", "mug": "cat"}
    put(database, kitty="#0")
    assert ask(database, announcer, "cat")[0].id == cat.id


def test_a_circuit_keeps_its_own_map(database: Database, announcer: RecordingAnnouncer) -> None:
    put(database, kitty="cat")
    circuit, _ = ask(database, announcer, "cat")
    end(database, circuit.job_id, JobState.SUCCEEDED)
    put(database, mug="cat")
    with database.writing() as session:
        again = recompute(session, announcer, circuit.id)
        assert (again.id, again.class_map, again.content_key) == (circuit.id, {"kitty": "cat"}, circuit.content_key)


def test_a_circuit_whose_class_lost_its_images_is_not_recomputed(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    circuit, _ = ask(database, announcer, "dog")
    end(database, circuit.job_id, JobState.SUCCEEDED)
    with database.writing() as session:
        session.get_one(Dataset, rows.DATASET).classes = [{"name": "mug", "train": 3, "test": 1, "images": 4}]
    with database.writing() as session, pytest.raises(BadValue, match="means the class 'dog'"):
        recompute(session, announcer, circuit.id)


def test_an_estimate_counts_the_images_of_all_labels_of_the_class(database: Database) -> None:
    def images() -> int:
        with database.reading() as session:
            wanted = {"network_id": rows.NETWORK, "dataset_id": rows.DATASET, "class_name": "cat"}
            return estimate(session, **wanted, parameters=TraceParameters()).size.images

    with pytest.raises(BadValue, match="means the class 'cat'"):
        images()
    put(database, kitty="cat", mug="cat")
    assert images() == 6


def test_a_map_of_unknown_labels_or_empty_classes_is_refused(database: Database) -> None:
    with pytest.raises(BadValue, match="has no label 'kity'"):
        put(database, kity="cat")
    with pytest.raises(BadValue, match="'kitty' has no class name"):
        put(database, kitty=" ")
    put(database, kitty=" cat ", mug="cup")
    with database.writing() as session:
        dataset = session.get_one(Dataset, rows.DATASET)
        assert dataset.class_map == {"kitty": "cat", "mug": "cup"}
        dataset.classes = []
    # A mapped label may be kept while it has no images.
    put(database, mug="cup")
    with database.writing() as session:
        rows.add_dataset(session, "new-dat00", JobState.QUEUED)
    with database.writing() as session, pytest.raises(Conflict, match="has not been inspected yet"):
        registry.map_labels(session, "new-dat00", {})


def test_an_evaluation_is_repeated_after_the_map_changed(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_evaluation(session)
        asked = registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET).job_id
    put(database, kitty="cat")
    with database.writing() as session:
        evaluation = registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET)
        assert evaluation.job_id != asked
        evaluation.class_map = {"kitty": "cat"}
        again = evaluation.job_id
    end(database, again, JobState.SUCCEEDED)
    with database.writing() as session:
        assert registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET).job_id == again
