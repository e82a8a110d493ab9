"""GraphML, tables and the attribution graph of a circuit with known content."""

from __future__ import annotations

import copy
import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from neurflow.result.circuit_json import encode
from neurflow_store.exports import parts
from neurflow_store.exports.attribution_graph import attribution_graph
from neurflow_store.exports.graphml import graphml
from neurflow_store.exports.tables import tables
from tests.engine.circuits import CIRCUIT

NAMESPACE = {"g": "http://graphml.graphdrawing.org/xmlns"}
HOSTILE = '=HYPERLINK("x")\x00\x1b<b>&"\ud800'


@pytest.fixture
def circuit() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(encode(CIRCUIT))
    return data


@pytest.fixture
def hostile(circuit: dict[str, Any]) -> dict[str, Any]:
    """Return the circuit with hostile names of a class, layers and images."""
    text = json.dumps(circuit).replace("layer1", "@layer1").replace("cat/0001.png", "+cat/0001.png")
    changed: dict[str, Any] = json.loads(text)
    changed["target"]["name"] = changed["network"]["classes"][0] = HOSTILE
    return changed


def read_graphml(document: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """Read nodes, edges and the graph's data as a graph program does: by the declared keys and types."""
    root = ElementTree.fromstring(document)  # noqa: S314 - our own words
    convert = {"string": str, "int": int, "double": float}
    keys = {key.get("id"): key for key in root.findall("g:key", NAMESPACE)}

    def read(element: ElementTree.Element, kind: str) -> dict[str, Any]:
        values: dict[str, Any] = dict(element.attrib)
        for data in element.findall("g:data", NAMESPACE):
            key = keys[data.get("key")]
            assert key.get("for") == kind
            values[key.attrib["attr.name"]] = convert[key.attrib["attr.type"]](data.text or "")
        return values

    (graph,) = root.findall("g:graph", NAMESPACE)
    assert graph.get("edgedefault") == "directed"
    nodes = [read(node, "node") for node in graph.findall("g:node", NAMESPACE)]
    edges = [read(edge, "edge") for edge in graph.findall("g:edge", NAMESPACE)]
    return nodes, edges, read(graph, "graph")


def test_graphml_holds_each_group_and_edge(circuit: dict[str, Any]) -> None:
    nodes, edges, facts = read_graphml(graphml(circuit))
    assert [node["group"] for node in nodes] == ["layer1/0", "layer2/0", "layer2/1", "fc/0"]
    assert nodes[2] == {
        "id": "L1.1",
        "group": "layer2/1",
        "label": "layer2/1",
        "layer": "layer2",
        "position": 1,
        "number": 1,
        "neurons": "1 3",
        "neuron_count": 2,
        "silhouette": 0.25,
        "contribution": 0.75,
        "logit_drop": 3.5,
        "held_out": 20,
    }
    assert nodes[3]["label"] == "cat" and "silhouette" not in nodes[3]
    assert {"source": "L1.0", "target": "L2.0", "weight": -0.25, "positive": 0.0, "negative": -0.25} in edges
    assert len(edges) == 4
    assert facts["class"] == "cat" and facts["network"] == "demo/photos"


def test_graphml_ids_are_valid_xml_names(circuit: dict[str, Any]) -> None:
    nodes, edges, _ = read_graphml(graphml(circuit))
    ids = {node["id"] for node in nodes}
    assert len(ids) == len(nodes)
    assert all(name.replace(".", "").isalnum() for name in ids)
    assert {edge[end] for edge in edges for end in ("source", "target")} <= ids


def test_graphml_holds_names_that_xml_cannot(hostile: dict[str, Any]) -> None:
    nodes, _, facts = read_graphml(graphml(hostile))
    assert facts["class"] == nodes[-1]["label"] == '=HYPERLINK("x")��<b>&"�'
    assert nodes[0]["layer"] == "@layer1"


def test_graphml_is_the_same_each_time(circuit: dict[str, Any]) -> None:
    assert graphml(circuit) == graphml(copy.deepcopy(circuit))


def read_table(data: bytes) -> list[dict[str, str]]:
    assert data.count(b"\r\n") == data.count(b"\n")
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def test_tables_hold_every_group_and_edge(circuit: dict[str, Any]) -> None:
    files = {name: read_table(data) for name, data in tables(circuit).items()}
    assert list(files) == ["groups.csv", "edges.csv", "neurons.csv", "exemplars.csv", "semantic_groups.csv"]
    assert files["groups.csv"][2] == {
        "id": "layer2/1",
        "layer": "layer2",
        "number": "1",
        "label": "layer2/1",
        "neuron_count": "2",
        "neurons": "1 3",
        "silhouette": "0.25",
        "contribution": "0.75",
        "logit_drop": "3.5",
        "held_out": "20",
    }
    assert files["groups.csv"][0]["silhouette"] == ""
    assert files["edges.csv"][2] == {
        "source": "layer2/0",
        "target": "fc/0",
        "weight": "-0.25",
        "positive": "0.0",
        "negative": "-0.25",
    }
    neuron = files["neurons.csv"][2]
    assert float(neuron["activation"]) == 0.1 + 0.2
    assert (neuron["core_channels"], neuron["core_scores"]) == ("0 2", "0.5 0.25")
    assert [row["rank"] for row in files["exemplars.csv"] if row["group"] == "layer2/1"] == ["0", "1"]
    semantic = [row for row in files["semantic_groups.csv"] if (row["layer"], row["channel"]) == ("layer2", "1")]
    assert [(row["part"], row["group"], row["weights"]) for row in semantic] == [
        ("0", "layer2/0", "0.6 0.4"),
        ("1", "layer2/1", "-0.5 0.5"),
    ]
    for name in ("groups", "edges", "neurons"):
        assert len(files[f"{name}.csv"]) == len(circuit[name])


def test_no_name_becomes_a_formula_in_a_table(hostile: dict[str, Any]) -> None:
    files = {name: read_table(data) for name, data in tables(hostile).items()}
    assert files["groups.csv"][-1]["label"] == "'" + HOSTILE.encode("utf-8", "replace").decode()
    assert files["groups.csv"][0]["id"] == "'@layer1/0"
    assert files["exemplars.csv"][1]["image"] == "'+cat/0001.png"
    numbers = {"weight", "negative", "contribution", "logit_drop", "weights", "activation"}
    for rows in files.values():
        for row in rows:
            for column, cell in row.items():
                assert column in numbers or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


# The requirements of Neuronpedia's graph-schema.json and of circuit-tracer's models, as a schema of our own.
TEXT = {"type": "string"}
GRAPH = {
    "type": "object",
    "required": ["metadata", "qParams", "nodes", "links"],
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["slug", "scan", "prompt_tokens", "prompt", "transcoder_list"],
            "properties": {
                "slug": TEXT,
                "scan": TEXT,
                "prompt": TEXT,
                "prompt_tokens": {"type": "array", "items": TEXT, "minItems": 1},
                "transcoder_list": {"type": "array", "items": TEXT},
                "node_threshold": {"type": "number"},
                "schema_version": {"type": "integer"},
                "info": {
                    "type": "object",
                    "properties": {"description": TEXT, "generator": {"additionalProperties": TEXT}},
                },
                "generation_settings": {"type": "object"},
            },
        },
        "qParams": {
            "type": "object",
            "required": ["pinnedIds", "supernodes", "linkType", "clickedId", "sg_pos"],
            "properties": {
                "pinnedIds": {"type": "array", "items": TEXT},
                "supernodes": {"type": "array", "items": {"type": "array", "items": TEXT}},
                "linkType": TEXT,
                "clickedId": TEXT,
                "sg_pos": TEXT,
            },
        },
        "nodes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["node_id", "feature", "layer", "ctx_idx", "feature_type", "jsNodeId", "clerp"],
                "properties": {
                    "node_id": {"type": "string", "pattern": "^[0-9]+_[0-9]+_[0-9]+$"},
                    "feature": {"type": "integer"},
                    "layer": TEXT,
                    "ctx_idx": {"type": "integer"},
                    "feature_type": {"enum": ["cross layer transcoder", "logit"]},
                    "jsNodeId": TEXT,
                    "clerp": TEXT,
                    "token_prob": {"type": "number", "minimum": 0, "maximum": 1},
                    "is_target_logit": {"type": "boolean"},
                    "run_idx": {"type": "integer"},
                    "reverse_ctx_idx": {"type": "integer"},
                    "influence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
                    "activation": {"type": ["number", "null"]},
                },
            },
        },
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["source", "target", "weight"],
                "additionalProperties": False,
                "properties": {"source": TEXT, "target": TEXT, "weight": {"type": "number"}},
            },
        },
    },
}


def test_an_attribution_graph_has_the_form_that_viewers_read(circuit: dict[str, Any], hostile: dict[str, Any]) -> None:
    for data in (circuit, hostile):
        graph = attribution_graph(data, "cat-7k2m9", "Cats")
        jsonschema.validate(json.loads(json.dumps(graph)), GRAPH)
        ids = [node["node_id"] for node in graph["nodes"]]
        assert len(set(ids)) == len({node["jsNodeId"] for node in graph["nodes"]}) == len(ids) == 4
        assert {link[end] for link in graph["links"] for end in ("source", "target")} <= set(ids)
        tokens = graph["metadata"]["prompt_tokens"]
        assert all(0 <= node["ctx_idx"] < len(tokens) for node in graph["nodes"])


def test_an_attribution_graph_holds_the_circuit_s_values(circuit: dict[str, Any]) -> None:
    graph = attribution_graph(circuit, "cat-7k2m9", "Cats")
    lower, *middle, top = graph["nodes"]
    assert (lower["layer"], lower["clerp"], lower["feature_type"]) == ("1", "layer1/0", "cross layer transcoder")
    assert [node["layer"] for node in middle] == ["2", "2"]
    assert (top["feature_type"], top["is_target_logit"], top["layer"]) == ("logit", True, "3")
    assert top["token_prob"] == (0.9 + 0.625) / 2
    # As the viewer reads a logit's probability.
    assert float(top["clerp"].split("(p=")[1].split(")")[0]) == 0.762
    assert graph["links"][2] == {"source": "2_0_0", "target": "3_0_0", "weight": -0.25}
    assert graph["metadata"]["scan"] == "demo/photos"
    assert graph["metadata"]["slug"] == "cat-7k2m9"


def test_influence_is_the_share_of_all_greater_contributions(circuit: dict[str, Any]) -> None:
    nodes = {node["clerp"]: node for node in attribution_graph(circuit, "c", "C")["nodes"]}
    # 0.75, 0.5 and 0.25, of 1.5 in total.
    assert nodes["layer2/1"]["influence"] == 0.5
    assert nodes["layer1/0"]["influence"] == pytest.approx(1.25 / 1.5)
    assert nodes["layer2/0"]["influence"] == 1.0


def test_features_encode_layer_and_number_uniquely(circuit: dict[str, Any]) -> None:
    for node in attribution_graph(circuit, "c", "C")["nodes"]:
        if node["feature_type"] == "logit":
            continue
        layer, number, _ = map(int, node["node_id"].split("_"))
        diagonal = int(((8 * node["feature"] + 1) ** 0.5 - 1) / 2)
        y = node["feature"] - diagonal * (diagonal + 1) // 2
        assert (diagonal - y, y) == (layer, number)


def test_a_circuit_without_images_or_exemplars_is_exported(circuit: dict[str, Any]) -> None:
    circuit["images"] = []
    for group in circuit["groups"]:
        group["exemplars"] = []
        group["importance"]["contribution"] = 0.0
    top = attribution_graph(circuit, "c", "C")["nodes"][-1]
    assert (top["token_prob"], top["activation"]) == (0.0, None)
    assert len(read_graphml(graphml(circuit))[0]) == 4
    assert read_table(tables(circuit)["exemplars.csv"]) == []


def test_the_stored_file_is_read() -> None:
    assert parts.parse(encode(CIRCUIT))["target"] == {"name": "cat", "index": 0}
