"""Each rule of the file format is broken by itself, and the message must name the place and the value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from neurflow.result.circuit import FORMAT_VERSION
from neurflow.result.circuit_json import encode
from neurflow.result.problems import MOST_PROBLEMS
from tests.engine.circuit_trees import REMOVE, message, put, read, tree
from tests.engine.circuits import CIRCUIT

# Path, new value, and what the message must contain. Neuron 2 is layer2's channel 1, group 2 is layer2/1.
BROKEN: list[tuple[str, Any, str]] = [
    ("format", "onnx", "format: 'onnx' is not 'neurflow-circuit'"),
    ("format", REMOVE, "format: None is not 'neurflow-circuit'"),
    ("format_version", FORMAT_VERSION + 1, f"format_version: {FORMAT_VERSION + 1} is newer than {FORMAT_VERSION}"),
    ("format_version", 0, "format_version: 0 is not a version"),
    ("format_version", True, "format_version: True is not a version"),
    ("format_version", "1", "format_version: '1' is not a version"),
    ("surprise", 1, "surprise: is an unknown key"),
    ("network.surprise", 1, "network.surprise: is an unknown key"),
    ("parameters.surprise", 1, "parameters.surprise: is an unknown key"),
    ("neurons[2].core[0].two\nlines", 1, "neurons[2].core[0]['two\\nlines']: is an unknown key"),
    ("edges", REMOVE, "edges: is missing"),
    ("images[1].width", REMOVE, "images[1].width: is missing"),
    ("images[1].width", 32.5, "images[1].width: "),
    ("images[1].width", "32", "images[1].width: input should be a valid integer, not '32'"),
    ("images[1].width", True, "images[1].width: "),
    ("groups[0].layer", None, "groups[0].layer: input should be a valid string, not None"),
    ("groups[0].exemplars[0].activation", float("nan"), "groups[0].exemplars[0].activation: "),
    ("groups[0].exemplars[0].activation", float("inf"), "groups[0].exemplars[0].activation: "),
    ("parameters.tau", 0, "parameters: tau is 0: choose a value from 1 to 4096"),
    ("parameters.tau", REMOVE, "parameters.tau: is missing"),
    ("parameters", None, "parameters: "),
    ("network.digest", "md5:00", "network.digest: 'md5:00' is not sha256:"),
    ("data.digest", "sha256:0", "data.digest: 'sha256:0' is not sha256:"),
    ("data.held_out[1]", "cat/1000.png", "data.held_out: 'cat/1000.png' occurs 2 times, not once"),
    ("data.held_out[1]", "cat/0002.png", "data.held_out[1]: 'cat/0002.png' is also in images, which were traced"),
    ("data.held_out[1]", 7, "data.held_out[1]: input should be a valid string, not 7"),
    ("data.held_out[1]", REMOVE, "groups[0].importance.held_out: 20, but data.held_out names 19 images"),
    ("data.held_out", [], "groups[3].importance.held_out: 20, but data.held_out names 0 images"),
    ("network.input_size", 0, "network.input_size: 0 is below 1"),
    ("network.resize", 95, "network.resize: 95 is below 96"),
    ("network.std", [0.2], "network.std: (0.2,) does not have one number for each of mean"),
    ("network.std[1]", 0, "network.std[1]: 0.0 is not above 0"),
    ("target.index", 2, "target.index: 2 is none of the 2 classes"),
    ("target.index", -1, "target.index: -1 is none of the 2 classes"),
    ("target.name", "dog", "target.name: 'dog' is not class 0, 'cat'"),
    ("layers", [], "layers: is empty"),
    ("layers[1].name", "fc", "layers: 'fc' occurs 2 times, not once"),
    ("layers[0].channels", 0, "layers[0].channels: 0 is below 1"),
    ("layers[0].shape", [5, 8, 8], "layers[0].shape: (5, 8, 8) is not a shape of 4 channels"),
    ("layers[2]", {"name": "fc", "channels": 3, "shape": [3]}, "layers[2].channels: 3 is not the number of classes, 2"),
    ("images[1].id", "cat/0001.png", "images: 'cat/0001.png' occurs 2 times, not once"),
    ("images[0].height", 0, "images[0].height: 0 is below 1"),
    ("images[0].probability", 1.5, "images[0].probability: 1.5 is above 1"),
    ("patches[2].image", 2, "patches[2].image: 2 is none of the 2 images"),
    ("patches[2].image", -1, "patches[2].image: -1 is none of the 2 images"),
    ("patches[2].box.right", 33, "patches[2].box: (16, 16, 33, 32) is not a box in 'cat/0002.png', 32 × 32 pixels"),
    ("patches[2].box.left", 32, "patches[2].box: (32, 16, 32, 32) is not a box"),
    ("patches[2].box.top", -1, "patches[2].box: (16, -1, 32, 32) is not a box"),
    ("timings[0].seconds", -1, "timings[0].seconds: -1.0 is below 0"),
    ("neurons[3].channel", 1, "neurons: ('layer2', 1) occurs 2 times, not once"),
    ("neurons[0].layer", "layer9", "neurons[0].layer: 'layer9' is not a layer of this circuit"),
    ("neurons[3].channel", 6, "neurons[3].channel: 6 is none of the 6 channels of 'layer2'"),
    ("neurons[4].channel", 1, "neurons: [1] in the top layer 'fc' is not just the target class, [0]"),
    ("neurons[0].nodes", 8, "neurons[0].nodes: 8, but it must be null in the lowest layer and only there"),
    ("neurons[2].nodes", None, "neurons[2].nodes: None, but it must be null in the lowest layer and only there"),
    ("neurons[2].nodes", 0, "neurons[2].nodes: 0 is below 1"),
    ("neurons[2].completeness", None, "neurons[2].completeness: None, but it must be null"),
    ("neurons[2].completeness", -0.5, "neurons[2].completeness: -0.5 is below 0"),
    (
        "neurons[0].core",
        [{"channel": 0, "score": 1}],
        "neurons[0].core: has 1 neurons, but it must be empty in the lowest",
    ),
    ("neurons[2].core", [], "neurons[2].core: has 0 neurons"),
    ("neurons[2].core[1].channel", 0, "neurons[2].core: 0 occurs 2 times, not once"),
    ("neurons[2].core[1].channel", 4, "neurons[2].core[1].channel: 4 is none of the 4 channels of 'layer1'"),
    ("neurons[2].core[1].channel", 3, "neurons[2].core[1].channel: 3 of 'layer1' is missing in neurons"),
    ("neurons[2].core[1].score", -1, "neurons[2].core[1].score: -1.0 is below 0"),
    ("neurons[2].core[1].score", 0.75, "neurons[2].core[1].score: 0.75 is above the one before it, 0.5"),
    ("neurons[2].semantic_groups", [], "neurons[2].semantic_groups: is empty"),
    ("neurons[2].semantic_groups[1].patches", [0], "neurons[2].semantic_groups: 0 occurs 2 times, not once"),
    ("neurons[2].semantic_groups[1].patches", [], "neurons[2].semantic_groups[1].patches: is empty"),
    ("neurons[2].semantic_groups[1].patches", [3], "semantic_groups[1].patches[0]: 3 is none of the 3 patches"),
    ("neurons[2].semantic_groups[1].silhouette", 1.5, "neurons[2].semantic_groups[1].silhouette: 1.5 is above 1"),
    ("neurons[2].semantic_groups[1].group", "layer2/7", "semantic_groups[1].group: 'layer2/7' is not a group"),
    (
        "neurons[2].semantic_groups[1].group",
        "fc/0",
        "semantic_groups[1].group: 'fc/0' is in layer 'fc', not in 'layer2'",
    ),
    (
        "neurons[2].semantic_groups[0].weights[1].channel",
        3,
        "weights: [0, 3] is not the neuron's core in the same order",
    ),
    ("neurons[2].semantic_groups[0].weights[1].weight", 0.3, "weights: the absolute weights sum to 0.9, not to 1"),
    ("neurons[2].semantic_groups[0].weights[1].weight", 0.40001, "the absolute weights sum to 1.00001, not to 1"),
    ("groups[1].id", "layer2/1", "groups: 'layer2/1' occurs 2 times, not once"),
    ("groups[1].id", "layer1/5", "groups[1].id: 'layer1/5' is not the layer 'layer2', a slash and a number"),
    ("groups[1].layer", "layer9", "groups[1].layer: 'layer9' is not a layer of this circuit"),
    ("groups[2].neurons", [1], "groups[2].neurons: (1,) differs from its semantic groups' (1, 3)"),
    ("groups[2].neurons", [3, 1], "groups[2].neurons: (3, 1) differs from its semantic groups' (1, 3)"),
    ("groups[2].silhouette", -2, "groups[2].silhouette: -2.0 is below -1"),
    ("groups[2].exemplars[1].patch", 2, "groups[2].exemplars: 2 occurs 2 times, not once"),
    ("groups[2].exemplars[1].patch", 0, "groups[2].exemplars[1].patch: 0 is not a patch of this group"),
    ("groups[2].exemplars[1].patch", 3, "groups[2].exemplars[1].patch: 3 is none of the 3 patches"),
    ("groups[2].exemplars[1].image", "x", "groups[2].exemplars[1].image: 'x' is not the patch's, 'cat/0001.png'"),
    ("groups[2].exemplars[1].box.left", 0, "groups[2].exemplars[1].box: Box(left=0,"),
    (
        "groups[2].exemplars[1].file",
        "patches/000002.webp",
        "exemplars[1].file: 'patches/000002.webp' is also the file of another",
    ),
    ("groups[2].importance.contribution", 1.5, "groups[2].importance.contribution: 1.5 is above 1"),
    ("groups[2].importance.held_out", -1, "groups[2].importance.held_out: -1 is below 0"),
    ("groups[2].importance.held_out", 0, "groups[2].importance.logit_drop: 3.5, but it was measured on 0 images"),
    ("groups[2].importance.logit_drop", None, "importance.logit_drop: None, but it was measured on 20 images"),
    ("edges[1].target", "layer2/0", "edges: ('layer1/0', 'layer2/0') occurs 2 times, not once"),
    ("edges[1].source", "layer1/9", "edges[1].source: 'layer1/9' is not a group of this circuit"),
    ("edges[1].target", "layer2/9", "edges[1].target: 'layer2/9' is not a group of this circuit"),
    ("edges[1].target", "fc/0", "edges[1]: 'fc' is not the layer above 'layer1'"),
    ("edges[1].target", "layer1/0", "edges[1]: 'layer1' is not the layer above 'layer1'"),
    ("edges[1].positive", -0.5, "edges[1]: positive -0.5 is below 0"),
    ("edges[1].negative", 0.5, "edges[1]: positive 1.5 is below 0 or negative 0.5 above it"),
    ("edges[1].weight", 1.5, "edges[1].weight: 1.5 is not positive + negative, 1.0"),
    ("edges[1].links[1]", {"source_channel": 0}, "edges[1].links[1].source_part: is missing"),
    ("edges[1].links[0].weight", 1.5, "edges[1].links: the positive weights sum to 2, not to 1.5"),
    ("edges[1].links[1].weight", -0.75, "edges[1].links: the negative weights sum to -0.75, not to -0.5"),
    ("edges[1].links", [], "edges[1].links: the positive weights sum to 0, not to 1.5"),
    ("edges[1].links[1].weight", -2, "edges[1].links[1].weight: -2.0 is larger than the one before it, 1.0"),
    ("edges[1].links[1].source_channel", 2, "edges[1].links: (2, 0, 1, 1) occurs 2 times, not once"),
    ("edges[1].links[0].source_channel", 0, "links[0].source_channel: 0 is not in the core of channel 3 of 'layer2'"),
    (
        "edges[1].links[0].source_channel",
        1,
        "links[0].source_part: 0 of channel 1 is not a semantic group in 'layer1/0'",
    ),
    ("edges[1].links[0].source_part", 1, "links[0].source_part: 1 of channel 2 is not a semantic group in 'layer1/0'"),
    ("edges[1].links[1].target_part", 0, "links[1].target_part: 0 of channel 1 is not a semantic group in 'layer2/1'"),
    (
        "edges[1].links[1].target_part",
        -1,
        "links[1].target_part: -1 of channel 1 is not a semantic group in 'layer2/1'",
    ),
    (
        "edges[1].links[0].target_channel",
        5,
        "links[0].target_part: 0 of channel 5 is not a semantic group in 'layer2/1'",
    ),
    ("edges[1].patches[0].patch", 0, "edges[1].patches[0].patch: 0 is not a patch of 'layer2/1'"),
    ("edges[1].patches[0].patch", 7, "edges[1].patches[0].patch: 7 is not a patch of 'layer2/1'"),
    ("edges[1].patches[0].patch", 1, "edges[1].patches: 1 occurs 2 times, not once"),
    ("edges[1].patches[1].weight", -1, "edges[1].patches[1].weight: -1.0 is larger than the one before it, 0.75"),
    ("edges[1].patches", [{"patch": 2, "weight": 0.5}] * 9, "edges[1].patches: has 9 patches, more than 8"),
    ("groups[0].exemplars[0].heat_map.width", 2, "heat_map.values: has 6 items, not width × height, 4"),
    ("groups[0].exemplars[0].heat_map.width", 0, "groups[0].exemplars[0].heat_map.width: 0 is below 1"),
    ("groups[0].exemplars[0].heat_map.height", 29, "groups[0].exemplars[0].heat_map.height: 29 is above 28"),
    ("groups[0].exemplars[0].heat_map.highest", -1, "groups[0].exemplars[0].heat_map.highest: -1.0 is below 0"),
    ("groups[0].exemplars[0].heat_map.highest", 0, "heat_map.values: the highest is 255, not 0, which stands for 0.0"),
    ("groups[0].exemplars[0].heat_map.values[1]", 256, "groups[0].exemplars[0].heat_map.values[1]: 256 is above 255"),
    ("groups[0].exemplars[0].heat_map.values[1]", -1, "groups[0].exemplars[0].heat_map.values[1]: -1 is below 0"),
    ("groups[0].exemplars[0].heat_map.values[1]", 0.5, "groups[0].exemplars[0].heat_map.values[1]: "),
    ("groups[0].exemplars[0].heat_map.values", [0] * 6, "heat_map.values: the highest is 0, not 255, which stands for"),
]


def test_the_unbroken_circuit_is_valid() -> None:
    assert read(tree()) == CIRCUIT


@pytest.mark.parametrize(
    ("path", "value", "expected"), BROKEN, ids=[f"{path}-{at}" for at, (path, *_) in enumerate(BROKEN)]
)
def test_a_broken_rule_is_named(path: str, value: Any, expected: str) -> None:
    assert expected in message(put(tree(), path, value))


@pytest.mark.parametrize(
    "file",
    [
        "patches/../../escape.webp",
        "../patches/0.webp",
        "/etc/passwd",
        "/patches/0.webp",
        "C:\\patches\\0.webp",
        "C:patches/0.webp",
        "patches\\0.webp",
        "patches/a/0.webp",
        "patches//0.webp",
        "patches/.webp",
        "patches/0.png",
        "patches/0.webp\n",
        "patches/A.webp",
        "patches/٣.webp",
        "0.webp",
        "",
    ],
)
def test_a_file_name_that_leaves_the_folder_is_refused(file: str) -> None:
    assert f"groups[1].exemplars[0].file: {file!r} is not" in message(put(tree(), "groups[1].exemplars[0].file", file))


def test_a_file_without_links_patches_and_heat_maps_is_read() -> None:
    root = tree()
    for edge in root["edges"]:
        del edge["links"], edge["patches"]
    for group in root["groups"]:
        for exemplar in group["exemplars"]:
            del exemplar["heat_map"]
    circuit = read(root)
    assert all(edge.links is None and edge.patches is None for edge in circuit.edges)
    assert all(exemplar.heat_map is None for group in circuit.groups for exemplar in group.exemplars)
    assert read(json.loads(encode(circuit))) == circuit


def test_a_file_without_ids_of_held_out_images_is_read() -> None:
    root = put(tree(), "data.held_out", REMOVE)
    circuit = read(root)
    assert circuit.data.held_out is None
    assert read(json.loads(encode(circuit))) == circuit


def test_a_heat_map_may_be_dark() -> None:
    root = tree()
    dark = {"width": 3, "height": 1, "highest": 0.0, "values": [0, 0, 0]}
    assert read(put(root, "groups[0].exemplars[0].heat_map", dark)).groups[0].exemplars[0].heat_map is not None


def test_weights_may_all_be_zero_if_nothing_flows() -> None:
    root = tree()
    for position in range(2):
        put(root, f"neurons[2].semantic_groups[0].weights[{position}].weight", 0)
    read(root)


@pytest.mark.parametrize(("problems", "more"), [(9, ""), (10, ""), (11, "; and 1 more"), (30, "; and 20 more")])
def test_ten_problems_are_named_and_the_rest_counted(problems: int, more: str) -> None:
    timings = [{"stage": "x", "seconds": -1}] * problems
    named = [f"timings[{position}].seconds: -1.0 is below 0" for position in range(min(problems, MOST_PROBLEMS))]
    assert message(put(tree(), "timings", timings)) == "; ".join(named) + more


def test_a_long_value_is_shortened() -> None:
    text = message(put(tree(), "edges[0].source", "x" * 10_000))
    assert len(text) < 400
    assert "(10002 characters)" in text
