"""Rows of circuits for tests and benchmarks, written in bulk: small ones to look at, or thousands to time.

What the rows say is made up but fits together: groups hold neurons that are there, edges join neighbouring layers,
exemplars are patches of images that were traced. The files that they name are not written.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice, pairwise
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from neurflow_store import tables
from neurflow_store.database import Database
from neurflow_store.tables import Job, JobKind, JobState, Queue

START = datetime(2026, 1, 1, tzinfo=UTC)
NETWORK = "demo-net00"
DATASET = "photos-dat00"
EVALUATION = "demo-eva00"
CLASSES = ("cat", "dog", "fox")
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class Shape:
    """How large a circuit is: numbers in all, apart from ``exemplars`` and ``neurons``, which are each group's."""

    layers: int = 3
    groups: int = 6
    edges: int = 8
    exemplars: int = 3
    neurons: int = 2
    images: int = 4
    patches: int = 12


def digest(text: str) -> str:
    """A digest as of a stored file."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def add_job(session: Session, subject: str, kind: JobKind, state: JobState = JobState.SUCCEEDED, **values: Any) -> str:
    """A job in ``state`` for ``subject``, and its id."""
    id = f"job-{subject}"
    session.execute(insert(Job), [_job(id, subject, kind, state, **values)])
    return id


def add_network(session: Session, id: str = NETWORK, state: JobState = JobState.SUCCEEDED, **values: Any) -> str:
    """A network that was looked at, unless ``state`` says otherwise, and its id."""
    job = add_job(session, id, JobKind.INSPECT_NETWORK, state)
    row: dict[str, Any] = {
        "id": id,
        "name": id,
        "spec": f"demo/{id}",
        "options": {},
        "key": sha256(id.encode()).hexdigest(),
    }
    row |= {"job_id": job, "created_at": START, "classes": [], "layers": []}
    if state is JobState.SUCCEEDED:
        row |= {"digest": digest(id), "parameter_count": 12_345, "input_size": 64, "resize": 64}
        row |= {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "classes": list(CLASSES)}
        row["layers"] = [
            {"name": f"layer{i}", "kind": "Conv2d", "channels": 8 * i, "shape": [8 * i, 16, 16], "default": i > 1}
            for i in range(1, 4)
        ]
    session.execute(insert(tables.Network), [row | values])
    return id


def add_dataset(
    session: Session, id: str = DATASET, state: JobState = JobState.SUCCEEDED, images: int = 4, **values: Any
) -> str:
    """A data set with so many browsable ``images`` of each class, a quarter of them for testing, and its id."""
    job = add_job(session, id, JobKind.INSPECT_DATASET, state)
    row: dict[str, Any] = {
        "id": id,
        "name": id,
        "spec": f"demo/{id}",
        "key": sha256(id.encode()).hexdigest(),
        "job_id": job,
    }
    row |= {"created_at": START, "classes": []}
    if state is not JobState.SUCCEEDED:
        session.execute(insert(tables.Dataset), [row | values])
        return id
    test = images // 4
    row |= {"digest": digest(id), "image_count": images * len(CLASSES)}
    row["classes"] = [{"name": c, "train": images - test, "test": test, "images": images} for c in CLASSES]
    session.execute(insert(tables.Dataset), [row | values])
    pictures = [
        {
            "dataset_id": id,
            "position": place * images + number,
            "name": f"{label}/{number:04}.png",
            "label": label,
            "split": "test" if number < test else "train",
            "width": 64,
            "height": 48,
            "thumbnail": digest(f"{label}{number}"),
        }
        for place, label in enumerate(CLASSES)
        for number in range(images)
    ]
    if pictures:
        session.execute(insert(tables.DatasetImage), pictures)
    return id


def add_evaluation(session: Session, id: str = EVALUATION, network: str = NETWORK, dataset: str = DATASET) -> str:
    """An evaluation in which the first picture of each class is taken for the next class, and its id."""
    job = add_job(session, id, JobKind.EVALUATE)
    classes = [{"name": name, "images": 4, "accuracy": 0.75} for name in CLASSES]
    row: dict[str, Any] = {"id": id, "network_id": network, "dataset_id": dataset, "job_id": job, "created_at": START}
    session.execute(insert(tables.Evaluation), [row | {"accuracy": 0.75, "images": 12, "classes": classes}])
    pictures = session.query(tables.DatasetImage).filter_by(dataset_id=dataset).all()
    predictions = []
    for picture in pictures:
        truth = CLASSES.index(picture.label or "")
        wrong = picture.name.endswith("0000.png")
        predictions.append(
            {
                "evaluation_id": id,
                "image_id": picture.id,
                "predicted": (truth + 1) % len(CLASSES) if wrong else truth,
                "probability": 0.75,
                "truth": truth,
                "truth_probability": 0.25 if wrong else 0.75,
            }
        )
    session.execute(insert(tables.Prediction), predictions)
    return id


def add_circuit(
    session: Session,
    id: str = "cat-00000",
    shape: Shape = Shape(),
    state: JobState = JobState.SUCCEEDED,
    **values: Any,
) -> str:
    """A circuit of :data:`NETWORK` over :data:`DATASET`, with a result where its job has succeeded, and its id."""
    add_job(session, id, JobKind.TRACE, state)
    session.execute(insert(tables.Circuit), [_circuit(id, shape, state, **values)])
    if state is JobState.SUCCEEDED:
        for table, rows in _parts(id, shape):
            session.execute(insert(table), rows)
    return id


def add_basis(session: Session, images: int = 4) -> None:
    """What circuits are traced with: a network, a data set, and the one evaluated over the other."""
    add_network(session)
    add_dataset(session, images=images)
    if images:
        add_evaluation(session)


def fill(
    database: Database, circuits: int, groups_each: int = 100, edges_each: int = 400, exemplars_each: int = 1
) -> None:
    """Many circuits ``cat-00000``, ``dog-00001``, …, of ten layers each, a minute apart: for timing.

    Then ``large-00000`` with 300 groups and 4,000 edges, the largest that the figures speak of.
    """
    with database.writing() as session:
        add_basis(session)
    shape = Shape(10, groups_each, edges_each, exemplars_each, neurons=1, images=2, patches=4)
    large = Shape(20, 300, 4_000, exemplars=4, neurons=3, images=50, patches=400)
    wanted = [
        (f"{CLASSES[n % 3]}-{n:05}", shape, {"class_name": CLASSES[n % 3], "created_at": START + timedelta(minutes=n)})
        for n in range(circuits)
    ]
    wanted.append(("large-00000", large, {"created_at": START - timedelta(days=1)}))
    todo = iter(wanted)
    while some := list(islice(todo, 50)):
        with database.writing() as session:
            jobs = [_job(f"job-{id}", id, JobKind.TRACE, JobState.SUCCEEDED) for id, _, _ in some]
            session.execute(insert(Job), jobs)
            heads = [_circuit(id, size, JobState.SUCCEEDED, **values) for id, size, values in some]
            session.execute(insert(tables.Circuit), heads)
            gathered: dict[Any, list[dict[str, Any]]] = {}
            for id, size, _ in some:
                for table, rows in _parts(id, size):
                    gathered.setdefault(table, []).extend(rows)
            for table, rows in gathered.items():
                for start in range(0, len(rows), _ROWS_AT_ONCE):
                    session.execute(insert(table), rows[start : start + _ROWS_AT_ONCE])
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _job(id: str, subject: str, kind: JobKind, state: JobState, **values: Any) -> dict[str, Any]:
    ended = state in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
    row: dict[str, Any] = {
        "id": id,
        "kind": kind,
        "subject": subject,
        "payload": {},
        "state": state,
        "created_at": START,
    }
    row |= {"queue": Queue.CIRCUITS if kind is JobKind.TRACE else Queue.INTERACTIVE, "available_at": START}
    row |= {"fraction": 1.0 if state is JobState.SUCCEEDED else 0.0, "finished_at": START if ended else None}
    if state is JobState.FAILED:
        row["problem"] = {"type": "about:blank", "title": "Failed", "detail": "made up"}
    else:
        row["problem"] = None
    return row | values


def _circuit(id: str, shape: Shape, state: JobState, **values: Any) -> dict[str, Any]:
    class_name = values.get("class_name", "cat")
    row: dict[str, Any] = {"id": id, "name": f"{class_name} of {NETWORK}", "network_id": NETWORK, "dataset_id": DATASET}
    row |= {"class_name": class_name, "parameters": {}, "content_key": sha256(id.encode()).hexdigest()}
    row |= {"job_id": f"job-{id}", "created_at": START, "cover": [], "result": None}
    if state is JobState.SUCCEEDED:
        target = {"name": class_name, "index": CLASSES.index(class_name) if class_name in CLASSES else 0}
        row |= {"computed_at": START, "engine_version": "0.1.0", "file": digest(f"{id}.json")}
        row["result"] = {
            "network": {
                "spec": "demo/small-cnn",
                "digest": digest(NETWORK),
                "input_size": 64,
                "resize": 64,
                "mean": [0.5, 0.5, 0.5],
                "std": [0.25, 0.25, 0.25],
                "classes": list(CLASSES),
            },
            "data": {"spec": "demo/photos", "digest": digest(DATASET)},
            "target": target,
            "parameters": {"images": 50, "top_k": 50, "tau": 16, "crops": [1.0, 0.5]},
            "report": {"skipped_images": [], "warnings": ["made up"]},
            "timings": [{"stage": "layer1", "seconds": 1.5}],
        }
        row |= {"layer_count": shape.layers, "group_count": shape.groups, "edge_count": shape.edges}
        row |= {"neuron_count": shape.groups * shape.neurons, "cover": [digest(f"{id}{n}") for n in range(4)]}
    return row | values


def _parts(circuit: str, shape: Shape) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """The rows of one circuit's parts, a table at a time in the order in which they refer to each other."""
    chance = random.Random(circuit)  # noqa: S311 - made-up numbers, the same each time
    mine = {"circuit_id": circuit}
    yield tables.CircuitLayer, [mine | row for row in _layers(circuit, shape)]
    images = [
        {"position": n, "name": f"cat/{n:04}.png", "width": 64, "height": 48, "probability": 0.9, "picture": None}
        for n in range(shape.images)
    ]
    yield tables.CircuitImage, [mine | row for row in images]
    patches = [
        {"position": n, "image": n % shape.images, "left": n % 16, "top": n % 8, "right": n % 16 + 24, "bottom": 40}
        for n in range(shape.patches)
    ]
    yield tables.CircuitPatch, [mine | row for row in patches]
    groups = [_group(shape, place) for place in range(shape.groups)]
    for group in groups:
        group |= mine | {"contribution": chance.uniform(-1, 1), "logit_drop": chance.uniform(-3, 3)}
    yield tables.Group, groups
    yield tables.Exemplar, [mine | row for group in groups for row in _exemplars(circuit, group, shape, patches)]
    yield tables.Edge, [mine | row for row in _edges(groups, shape, chance)]
    yield tables.Neuron, [mine | row for group in groups for row in _neurons(group, shape)]
    yield tables.SemanticGroup, [mine | row for group in groups for row in _semantic_groups(group, shape)]


def _layers(circuit: str, shape: Shape) -> list[dict[str, Any]]:
    return [
        {
            "position": place,
            "name": f"layer{place}",
            "channels": 4096,
            "shape": [4096, 4, 4],
            "sprite": digest(f"{circuit} sprite {place}"),
            "tile": 64,
        }
        for place in range(shape.layers)
    ]


def _group(shape: Shape, place: int) -> dict[str, Any]:
    number, layer = divmod(place, shape.layers)
    row: dict[str, Any] = {
        "id": f"layer{layer}/{number}",
        "layer": layer,
        "number": number,
        "silhouette": 0.5,
        "held_out": 20,
    }
    return row | {"neurons": [number * shape.neurons + n for n in range(shape.neurons)]}


def _exemplars(
    circuit: str, group: dict[str, Any], shape: Shape, patches: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    rows = []
    for rank in range(shape.exemplars):
        patch = patches[(group["number"] + rank) % shape.patches]
        box = {side: patch[side] for side in ("left", "top", "right", "bottom")}
        row: dict[str, Any] = {
            "group_id": group["id"],
            "rank": rank,
            "patch": patch["position"],
            "activation": 2.0 - rank / 100,
        }
        row |= {"image": f"cat/{patch['image']:04}.png", "picture": digest(f"{circuit} {patch['position']}")}
        rows.append(row | box)
    return rows


def _edges(groups: Sequence[dict[str, Any]], shape: Shape, chance: random.Random) -> Iterator[dict[str, Any]]:
    layers: list[list[str]] = [[] for _ in range(shape.layers)]
    for group in groups:
        layers[group["layer"]].append(group["id"])
    pairs = ((low, high) for below, above in pairwise(layers) for low in below for high in above)
    # Few pairs of each layer rather than all of the lowest: every group is to have some.
    chosen = list(pairs)
    chance.shuffle(chosen)
    for source, target in chosen[: shape.edges]:
        positive, negative = chance.random(), -chance.random()
        row: dict[str, Any] = {"source": source, "target": target, "weight": positive + negative}
        yield row | {"positive": positive, "negative": negative}


def _neurons(group: dict[str, Any], shape: Shape) -> list[dict[str, Any]]:
    lowest = group["layer"] == 0
    core = [] if lowest else [{"channel": n, "score": 0.5 - n / 10} for n in range(shape.neurons)]
    row: dict[str, Any] = {"layer": group["layer"], "activation": 1.5, "core": core}
    row |= {"completeness": None if lowest else 0.01, "nodes": None if lowest else 8}
    return [row | {"channel": channel} for channel in group["neurons"]]


def _semantic_groups(group: dict[str, Any], shape: Shape) -> list[dict[str, Any]]:
    lowest = group["layer"] == 0
    weights = [] if lowest else [{"channel": n, "weight": (-1) ** n / shape.neurons} for n in range(shape.neurons)]
    row: dict[str, Any] = {
        "layer": group["layer"],
        "part": 0,
        "group_id": group["id"],
        "silhouette": None,
        "weights": weights,
    }
    row["patches"] = [n % shape.patches for n in range(3)]
    return [row | {"channel": channel} for channel in group["neurons"]]
