"""Rows of small circuits; `tests/benchmarks/large_store.py` makes thousands of them.

The values are made up but fit together: groups have neurons that exist, edges join neighbouring layers, exemplars are
patches of traced images. The files that they name are not written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from neurflow_store import tables
from neurflow_store.repositories import previews
from neurflow_store.tables import Job, JobKind, JobState, Queue, Role
from tests.store import lens_rows
from tests.store.circuit_parts import Shape, digest, parts

__all__ = ["Shape", "digest", "parts"]

START = datetime(2026, 1, 1, tzinfo=UTC)
NETWORK = "demo-net00"
DATASET = "photos-dat00"
EVALUATION = "demo-eva00"
USER = "anna-00000"
SPACE = "lab-00000"
CLASSES = ("cat", "dog", "fox")
SMALL = Shape()


def later(minutes: int = 1) -> datetime:
    """Return a time after the start."""
    return START + timedelta(minutes=minutes)


def add_job(session: Session, subject: str, kind: JobKind, state: JobState = JobState.SUCCEEDED, **values: Any) -> str:
    """Add a job in ``state`` for ``subject``; return its id."""
    id = f"job-{subject}"
    session.execute(insert(Job), [job_row(id, subject, kind, state, **values)])
    return id


def add_network(session: Session, id: str = NETWORK, state: JobState = JobState.SUCCEEDED, **values: Any) -> str:
    """Add a network, inspected unless ``state`` says otherwise; return its id."""
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
    """Add a data set with ``images`` browsable images of each class, a quarter of them for testing; return its id."""
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
    """Add an evaluation in which the first image of each class is predicted as the next class; return its id."""
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
    shape: Shape = SMALL,
    state: JobState = JobState.SUCCEEDED,
    **values: Any,
) -> str:
    """Add a circuit of :data:`NETWORK` over :data:`DATASET`, with a result if its job has succeeded; return its id."""
    add_job(session, id, JobKind.TRACE, state)
    session.execute(insert(tables.Circuit), [circuit_row(id, shape, state, **values)])
    if state is JobState.SUCCEEDED:
        for table, rows in parts(id, shape):
            session.execute(insert(table), rows)
    return id


def add_analysis(
    session: Session,
    id: str = "photo-00000",
    circuit: str = "cat-00000",
    state: JobState = JobState.SUCCEEDED,
    colour: int = 120,
    **values: Any,
) -> str:
    """Add an analysis of an uploaded image of one ``colour``, with a result if its job has succeeded; return its id."""
    add_job(session, id, JobKind.ANALYSE, state)
    row: dict[str, Any] = {"id": id, "circuit_id": circuit, "name": f"{id}.png", "source": "upload", "label": None}
    row |= {"job_id": f"job-{id}", "created_at": START, "reading": None}
    image: dict[str, Any] = {"analysis_id": id, "upload": lens_rows.encoded("PNG", colour)}
    if state is JobState.SUCCEEDED:
        layer = (tables.CircuitLayer.circuit_id == tables.Group.circuit_id) & (
            tables.CircuitLayer.position == tables.Group.layer
        )
        groups = select(tables.Group.id, tables.CircuitLayer.name).join(tables.CircuitLayer, layer)
        mine = groups.where(tables.Group.circuit_id == circuit).order_by(tables.Group.layer, tables.Group.number)
        reading = lens_rows.reading([(id, name) for id, name in session.execute(mine)], CLASSES)
        first = reading["classes"][0]
        row |= {"computed_at": START, "width": lens_rows.WIDTH, "height": lens_rows.HEIGHT, "reading": reading}
        row |= {"predicted": first["name"], "probability": first["probability"]}
        row["circuit_computed_at"] = session.get_one(tables.Circuit, circuit).computed_at
        image |= lens_rows.kept(colour)
    session.execute(insert(tables.Analysis), [row | values])
    session.execute(insert(tables.AnalysisImage), [image])
    return id


def add_measurement(
    session: Session,
    id: str = "knock-out-00000",
    analysis: str | None = "photo-00000",
    kind: str = "knock_out",
    state: JobState = JobState.SUCCEEDED,
    **values: Any,
) -> str:
    """Add a measurement of the group ``layer0/0``, with a result if its job has succeeded; return its id."""
    add_job(session, id, JobKind.MEASURE, state)
    groups = [] if kind == "ranking" else [["layer0/0", 0.0]]
    request = {"groups": groups, "class_index": None, "class": None, "random_sets": 20, "seed": 0}
    row: dict[str, Any] = {"id": id, "kind": kind, "circuit_id": "cat-00000", "analysis_id": analysis}
    row |= {"key": sha256(id.encode()).hexdigest(), "request": request, "job_id": f"job-{id}", "created_at": START}
    row["result"] = lens_rows.RESULTS[kind] if state is JobState.SUCCEEDED else None
    session.execute(insert(tables.Measurement), [row | values])
    return id


def add_preview(session: Session, circuit: str, layers: int = 2) -> None:
    """Add the finished layers of a circuit of four, from the top down, with two groups each."""
    for position in range(4 - layers, 4):
        name, above = f"layer{position}", f"layer{position + 1}"
        layer = {"position": position, "name": name, "channels": 8, "shape": [8, 4, 4], "tile": 64}
        groups = [
            {"id": f"{name}/{number}", "layer": name, "number": number, "neurons": [number], "silhouette": None}
            | {"contribution": 0.5, "logit_drop": None, "held_out": 0, "exemplars": 1 - number}
            | {"picture": None if number else digest(f"{circuit} {name}")}
            for number in range(2)
        ]
        edges = [{"source": group["id"], "target": f"{above}/0", "weight": 0.5} for group in groups]
        content = {"layer": layer, "groups": groups, "edges": edges if position < 3 else []}
        sprite = digest(f"{circuit} sprite {name}")
        previews.save_layer(session, circuit, position, sprite, content)


def add_basis(session: Session, images: int = 4) -> None:
    """Add what circuits are traced with: a network, a data set, and an evaluation of both."""
    add_network(session)
    add_dataset(session, images=images)
    if images:
        add_evaluation(session)


def add_user(session: Session, id: str = USER, role: Role = Role.ADMIN, **values: Any) -> str:
    """Add a user whose login is the id without its random end; return the id."""
    row: dict[str, Any] = {"id": id, "name": id.partition("-")[0].title(), "login": id.partition("-")[0], "role": role}
    session.execute(insert(tables.User), [row | {"created_at": START} | values])
    return id


def add_space(session: Session, id: str = SPACE, members: Mapping[str, Role] | None = None) -> str:
    """Add a team space with members; return its id."""
    session.execute(insert(tables.Space), [{"id": id, "name": id, "kind": tables.SpaceKind.TEAM, "created_at": START}])
    for user, role in (members or {}).items():
        session.execute(insert(tables.SpaceMember), [{"space_id": id, "user_id": user, "role": role}])
    return id


def add_account(session: Session) -> None:
    """Add a user with everything that can belong to one."""
    user = add_user(session)
    add_space(session, members={user: Role.ADMIN})
    times: dict[str, Any] = {"user_id": user, "created_at": START, "expires_at": START}
    session.execute(insert(tables.UserSession), [times | {"digest": "0f" * 32, "agent": "a browser"}])
    token: dict[str, Any] = {"id": "0123456789", "name": "t", "digest": "0f" * 32, "scope": tables.Scope.READ}
    session.execute(insert(tables.ApiToken), [times | token])
    session.execute(insert(tables.Activity), [{"at": START, "user_id": user, "action": "login", "detail": {}}])


def job_row(id: str, subject: str, kind: JobKind, state: JobState, **values: Any) -> dict[str, Any]:
    """Return a row of the table of jobs."""
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


def circuit_row(id: str, shape: Shape, state: JobState, **values: Any) -> dict[str, Any]:
    """Return a row of the table of circuits."""
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
