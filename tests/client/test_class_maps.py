"""Class maps of a real service's data sets, read and replaced by ``neurflow.Client``."""

from __future__ import annotations

import pytest

from neurflow.client import Client
from neurflow.terms.errors import ClientError
from neurflow_store.installation.database import Database
from neurflow_store.tables import Dataset
from tests.store import rows


def test_a_class_map_is_read_and_replaced(client: Client, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        session.get_one(Dataset, rows.DATASET).classes = [{"name": "kitty", "train": 3, "test": 1, "images": 4}]
    (dataset,) = client.datasets()
    assert client.class_map(dataset) == {}
    with pytest.raises(ClientError, match="'cat'"):
        client.request(rows.NETWORK, dataset, "cat")
    assert client.set_class_map(dataset, {"kitty": "cat"})["class_map"] == {"kitty": "cat"}
    assert client.class_map(rows.DATASET) == {"kitty": "cat"}
    assert client.request(rows.NETWORK, dataset, "cat").class_name == "cat"
    with pytest.raises(ClientError, match="has no label 'kity'") as caught:
        client.set_class_map(dataset, {"kity": "cat"})
    assert caught.value.status == 422
    client.set_class_map(rows.DATASET, {})
    assert client.class_map(dataset) == {}
