"""A circuit as an attribution graph: the JSON that Neuronpedia and circuit-tracer's viewer read.

1. A neuron group becomes a node of the type that the viewers show as a feature, ``cross layer transcoder``; the groups
   of the last layer become ``logit`` nodes, with the class and its mean probability over the traced images.
2. Layers count from 1 at the bottom, because a viewer treats a highest layer 0 as missing. A node's id is
   ``LAYER_NUMBER_CONTEXT``, and ``feature`` is Cantor's pairing of layer and number (schema version 1).
3. There is no prompt: one token stands for the images, and every node is at context 0.
4. The viewers prune by ``influence``: the share of all absolute contributions that the node and the nodes with greater
   contributions make up. At ``node_threshold`` 1 all nodes are shown.

References:
    Neuronpedia, apps/webapp/app/api/graph/graph-schema.json and how app/[modelId]/graph/utils.ts reads it.
    circuit-tracer, circuit_tracer/frontend/graph_models.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any, Final

from neurflow_store.exports.parts import CircuitData, label, number, positions

SCHEMA_VERSION: Final = 1
_FEATURE: Final = "cross layer transcoder"
_GENERATOR: Final = "NeurFlow Explorer"


def attribution_graph(circuit: CircuitData, slug: str, name: str) -> dict[str, Any]:
    """Return the graph as JSON values.

    Args:
        circuit: the circuit.
        slug: the graph's name in addresses, such as ``cat-7k2m9``.
        name: display name.
    """
    places = {layer: position + 1 for layer, position in positions(circuit).items()}
    ids = {group["id"]: f"{places[group['layer']]}_{number(group)}_0" for group in circuit["groups"]}
    influence = _influence([group for group in circuit["groups"] if not _is_logit(circuit, group)])
    return {
        "metadata": _metadata(circuit, slug, name),
        "qParams": {"pinnedIds": [], "supernodes": [], "linkType": "both", "clickedId": "", "sg_pos": ""},
        "nodes": [
            _node(circuit, group, places[group["layer"]], influence.get(group["id"])) for group in circuit["groups"]
        ],
        "links": [
            {"source": ids[edge["source"]], "target": ids[edge["target"]], "weight": edge["weight"]}
            for edge in circuit["edges"]
        ],
    }


def _metadata(circuit: CircuitData, slug: str, name: str) -> dict[str, Any]:
    token = f"images of {circuit['target']['name']}"
    return {
        "slug": slug,
        "scan": circuit["network"]["spec"],
        "transcoder_list": [],
        "prompt_tokens": [token],
        "prompt": token,
        "node_threshold": 1.0,
        "schema_version": SCHEMA_VERSION,
        "info": {
            "description": f"{name}: neuron groups of {circuit['network']['spec']} over {circuit['data']['spec']}",
            "generator": {"name": _GENERATOR, "version": circuit["engine_version"]},
        },
        "generation_settings": dict(circuit["parameters"]),
    }


def _node(circuit: CircuitData, group: Mapping[str, Any], layer: int, influence: float | None) -> dict[str, Any]:
    which = number(group)
    is_logit = _is_logit(circuit, group)
    probabilities = [image["probability"] for image in circuit["images"]]
    probability = fmean(probabilities) if is_logit and probabilities else 0.0
    shown = label(circuit, group)
    activations = [exemplar["activation"] for exemplar in group["exemplars"]]
    return {
        "node_id": f"{layer}_{which}_0",
        "feature": which if is_logit else _paired(layer, which),
        "layer": str(layer),
        "ctx_idx": 0,
        "feature_type": "logit" if is_logit else _FEATURE,
        "token_prob": probability,
        "is_target_logit": is_logit,
        "run_idx": 0,
        "reverse_ctx_idx": 0,
        "jsNodeId": f"L_{which}-0" if is_logit else f"{layer}_{which}-0",
        # Viewers parse a logit's name and probability from this form.
        "clerp": f'Output "{shown}" (p={probability:.3f})' if is_logit else shown,
        "influence": influence,
        "activation": fmean(activations) if activations else None,
    }


def _is_logit(circuit: CircuitData, group: Mapping[str, Any]) -> bool:
    return bool(group["layer"] == circuit["layers"][-1]["name"])


def _paired(layer: int, which: int) -> int:
    return (layer + which) * (layer + which + 1) // 2 + which


def _influence(groups: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    sizes = {group["id"]: abs(group["importance"]["contribution"]) for group in groups}
    total = sum(sizes.values()) or 1.0
    shares: dict[str, float] = {}
    so_far = 0.0
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        so_far += size
        shares[name] = min(so_far / total, 1.0)
    return shares
