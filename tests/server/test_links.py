"""What groups and edges are made of, over HTTP: parts of neurons, links between them, patches, heat maps."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from neurflow_store.installation.database import Database
from neurflow_store.tables import CircuitImage, Edge, Exemplar, SemanticGroup
from tests.store import rows

ID = "cat-00000"
API = f"/api/v1/circuits/{ID}"


@pytest.fixture
def circuit(client: TestClient, database: Database) -> TestClient:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, ID)
        rows.add_circuit(session, "dog-00000")
    return client


def _get(client: TestClient, path: str, **params: Any) -> Any:
    answer = client.get(f"{API}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _edges(database: Database, group: str) -> list[Edge]:
    with database.reading() as session:
        mine = (Edge.circuit_id == ID) & ((Edge.source == group) | (Edge.target == group))
        return list(session.scalars(select(Edge).where(mine)))


def test_a_group_lists_its_parts_by_neuron(circuit: TestClient, database: Database) -> None:
    with database.writing() as session:
        session.execute(update(CircuitImage).values(picture=rows.digest("image")))
        mine = (SemanticGroup.circuit_id == ID) & (SemanticGroup.layer == 1) & (SemanticGroup.channel == 3)
        session.execute(update(SemanticGroup).where(mine).values(patches=list(range(12))[::-1], silhouette=0.25))
        # Another part of the same neuron, which belongs to another group.
        other = {"circuit_id": ID, "layer": 1, "channel": 3, "part": 1, "group_id": "layer1/0"}
        session.add(SemanticGroup(**other, silhouette=None, patches=[0], weights=[]))
    members = _get(circuit, "/groups/layer1/1/members")
    assert members | {"circuit": ID, "id": "layer1/1", "layer": "layer1"} == members
    assert [(neuron["channel"], neuron["activation"]) for neuron in members["neurons"]] == [(2, 1.5), (3, 1.5)]
    ((first,), (second,)) = (neuron["parts"] for neuron in members["neurons"])
    assert (first["part"], first["silhouette"], len(first["patches"])) == (0, None, 3)
    assert (second["part"], second["silhouette"]) == (0, 0.25)
    assert [patch["position"] for patch in second["patches"]] == list(range(11, 2, -1)), "nine at most, in their order"
    patch = second["patches"][0]
    assert patch["image"] == {
        "position": 3,
        "name": "cat/0003.png",
        "width": 64,
        "height": 48,
        "picture": f"{API}/files/{rows.digest('image')[7:]}",
    }
    assert patch["box"] == {"left": 11, "top": 3, "right": 35, "bottom": 40}
    assert patch["picture"].startswith(f"{API}/patches/11?v=")


def test_a_neuron_with_several_parts_in_a_group_is_listed_once(circuit: TestClient, database: Database) -> None:
    with database.writing() as session:
        other = {"circuit_id": ID, "layer": 1, "channel": 2, "part": 1, "group_id": "layer1/1"}
        session.add(SemanticGroup(**other, silhouette=0.5, patches=[], weights=[]))
    neurons = _get(circuit, "/groups/layer1/1/members")["neurons"]
    parts = [(neuron["channel"], [part["part"] for part in neuron["parts"]]) for neuron in neurons]
    assert parts == [(2, [0, 1]), (3, [0])]
    assert neurons[0]["parts"][1]["patches"] == []


def test_a_group_lists_the_links_of_its_edges_in_both_directions(circuit: TestClient, database: Database) -> None:
    edges = _edges(database, "layer1/1")
    assert {edge.source == "layer1/1" for edge in edges} == {True, False}
    links = _get(circuit, "/groups/layer1/1/members")["links"]
    assert len(links) == 2 * len(edges)
    weights = [abs(link["weight"]) for link in links]
    assert weights == sorted(weights, reverse=True)
    for edge in edges:
        own = [link for link in links if (link["source_group"], link["target_group"]) == (edge.source, edge.target)]
        assert sum(link["weight"] for link in own) == pytest.approx(edge.weight)
        assert edge.links is not None
        told = sorted([*(link[key] for key in ("source_channel", "source_part")), link["weight"]] for link in own)
        assert told == sorted([entry[0], entry[1], entry[4]] for entry in edge.links)


def test_a_group_without_edges_has_no_links(circuit: TestClient, database: Database) -> None:
    with database.writing() as session:
        for edge in session.scalars(select(Edge).where(Edge.circuit_id == ID)):
            session.delete(edge)
    assert _get(circuit, "/groups/layer1/1/members")["links"] == []


def test_an_edge_lists_what_it_is_made_of(circuit: TestClient, database: Database) -> None:
    edge = _edges(database, "layer1/1")[0]
    found = _get(circuit, "/edges/detail", source=edge.source, target=edge.target)
    assert {name: found[name] for name in ("source", "target", "weight", "positive", "negative")} == {
        "source": edge.source,
        "target": edge.target,
        "weight": edge.weight,
        "positive": edge.positive,
        "negative": edge.negative,
    }
    assert sorted(link["weight"] for link in found["links"]) == [edge.negative, edge.positive]
    assert {link["source_group"] for link in found["links"]} == {edge.source}
    by_weight = sorted([(0, edge.negative), (11, edge.positive)], key=lambda entry: -abs(entry[1]))
    assert [(patch["position"], patch["weight"]) for patch in found["patches"]] == by_weight
    assert found["patches"][0]["image"]["width"] == 64


def test_details_that_were_not_kept_are_null(circuit: TestClient, database: Database) -> None:
    edges = _edges(database, "layer1/1")
    one = (Edge.source == edges[0].source) & (Edge.target == edges[0].target)
    with database.writing() as session:
        session.execute(update(Edge).where(Edge.circuit_id == ID, one).values(links=None, patches=None))
        session.execute(update(Exemplar).where(Exemplar.circuit_id == ID).values(heat_map=None))
    found = _get(circuit, "/edges/detail", source=edges[0].source, target=edges[0].target)
    assert (found["links"], found["patches"]) == (None, None)
    assert _get(circuit, "/groups/layer1/1/members")["links"] is None
    assert [item["heat_map"] for item in _get(circuit, "/groups/layer1/1/exemplars")["items"]] == [None] * 3


def test_an_exemplar_has_a_heat_map(circuit: TestClient) -> None:
    items = _get(circuit, "/groups/layer1/1/exemplars")["items"]
    assert items[1]["heat_map"] == {"width": 2, "height": 2, "values": [0, 64, 255, 1], "highest": 2.5}


def test_edges_and_groups_that_do_not_exist_are_not_found(circuit: TestClient) -> None:
    missing: list[tuple[str, dict[str, str]]] = [
        ("/groups/layer1/9/members", {}),
        ("/groups/layer9/0/members", {}),
        ("/edges/detail", {"source": "layer1/0", "target": "layer0/0"}),
        ("/edges/detail", {"source": "'; --", "target": "%00"}),
    ]
    for path, params in missing:
        answer = circuit.get(f"{API}{path}", params=params)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    assert circuit.get("/api/v1/circuits/nobody-00000/groups/layer1/0/members").status_code == 404
    wrong: list[dict[str, str]] = [
        {"source": "layer0/0"},
        {"target": "layer1/0"},
        {"source": "", "target": "layer1/0"},
        {"source": "a\nb", "target": "layer1/0"},
        {"source": "a" * 221, "target": "layer1/0"},
        {"source": "layer0/0", "target": "layer1/0", "colour": "red"},
    ]
    for params in wrong:
        assert circuit.get(f"{API}/edges/detail", params=params).status_code == 422, params
