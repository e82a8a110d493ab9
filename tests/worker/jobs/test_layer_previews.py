"""Previews: the finished layers of a circuit in progress, until the result is saved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow.method.assemble import FinishedLayer
from neurflow_store.asking.requests import delete, recompute
from neurflow_store.jobs import lease
from neurflow_store.jobs.lease import Claim
from neurflow_store.repositories import artifacts, previews
from neurflow_store.tables import CircuitLayer, CircuitPreview, Edge, Exemplar, Group, JobState
from neurflow_worker.jobs import layer_previews
from neurflow_worker.jobs import trace as trace_job
from neurflow_worker.jobs.layer_previews import LayerPreviews
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import JobContext, WorkerContext
from tests.engine.circuits import CIRCUIT, pictures_of
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.workplace import Killed, circuit_of, job_of, killing, put_back, request, tapped

Captured = pytest.CaptureFixture[str]
MIDDLE = FinishedLayer(
    1,
    CIRCUIT.layers[1],
    tuple(group for group in CIRCUIT.groups if group.layer == "layer2"),
    tuple(edge for edge in CIRCUIT.edges if edge.target == "fc/0"),
    pictures_of(CIRCUIT),
)


def kept(worker: WorkerContext, circuit_id: str) -> dict[int, tuple[str | None, dict[str, Any]]]:
    with worker.database.reading() as session:
        return {row.position: (row.sprite, row.content) for row in previews.finished_layers(session, circuit_id)}


def claimed(worker: WorkerContext, job_id: str) -> JobContext:
    """A job context with the parts that are needed here."""
    with worker.database.writing() as session:
        held = lease.claim(session, job_id, "worker-of-the-test", 30)
    assert held is not None
    return JobContext(worker, held, None)  # type: ignore[arg-type]


def test_a_preview_is_saved_after_each_layer_and_removed_with_the_result(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids)
    seen: dict[str, dict[int, tuple[str | None, dict[str, Any]]]] = {}

    def look(stage: str, done: int, total: int) -> None:
        seen.setdefault(stage, kept(worker, circuit.id))

    Runner(worker, tapped(trace_job.run, look)).run(circuit.job_id)
    assert job_of(worker.database, circuit.job_id).state is JobState.SUCCEEDED
    positions = {stage: sorted(rows) for stage, rows in seen.items()}
    assert positions["layer fc"] == []
    assert positions["layer layer4.1"] == [2]
    assert positions["layer layer3.1"] == [1, 2]
    assert positions["importance"] == positions["saving"] == [0, 1, 2]
    assert kept(worker, circuit.id) == {}
    with worker.database.reading() as session:
        for position, (sprite, content) in seen["saving"].items():
            _as_in_the_result(session, position, sprite, content)


def _as_in_the_result(session: Session, position: int, sprite: str | None, content: dict[str, Any]) -> None:
    layer = session.scalars(select(CircuitLayer).where(CircuitLayer.position == position)).one()
    assert sprite is not None and sprite == layer.sprite
    assert artifacts.find(session, sprite).media_type == "image/webp"
    assert content["layer"] == {
        "position": position,
        "name": layer.name,
        "channels": layer.channels,
        "shape": layer.shape,
        "tile": layer.tile,
    }
    groups = session.scalars(select(Group).where(Group.layer == position).order_by(Group.number)).all()
    assert [group["id"] for group in content["groups"]] == [row.id for row in groups]
    for group, row in zip(content["groups"], groups, strict=True):
        exemplars = session.scalars(select(Exemplar).where(Exemplar.group_id == row.id).order_by(Exemplar.rank)).all()
        assert group == {
            "id": row.id,
            "layer": layer.name,
            "number": row.number,
            "neurons": row.neurons,
            "silhouette": row.silhouette,
            "contribution": row.contribution,
            "logit_drop": None,
            "held_out": 0,
            "exemplars": len(exemplars),
            "picture": exemplars[0].picture,
        }
    edges = session.scalars(select(Edge).where(Edge.source.in_([row.id for row in groups]))).all()
    expected = {(row.source, row.target): row.weight for row in edges}
    assert {(edge["source"], edge["target"]): edge["weight"] for edge in content["edges"]} == expected


def test_a_resumed_job_shows_the_layers_finished_before(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids)

    with pytest.raises(Killed):
        Runner(worker, tapped(trace_job.run, killing("layer layer3.1"))).run(circuit.job_id)
    before = kept(worker, circuit.id)
    assert sorted(before) == [1, 2]
    with worker.database.writing() as session:
        previews.drop(session, circuit.id)
    put_back(worker, circuit.job_id)
    with pytest.raises(Killed):
        Runner(worker, tapped(trace_job.run, killing("layer layer3.1"))).run(circuit.job_id)
    assert kept(worker, circuit.id) == before


def test_requesting_again_removes_the_preview(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    circuit = request(demo_worker, announcer, demo_ids)
    work = claimed(demo_worker, circuit.job_id)
    LayerPreviews(work)(MIDDLE)
    assert sorted(kept(demo_worker, circuit.id)) == [1]
    with demo_worker.database.writing() as session:
        lease.fail(session, work.claim, {"type": "x", "title": "x", "detail": "x"})
    with demo_worker.database.writing() as session:
        recompute(session, announcer, circuit.id)
    assert kept(demo_worker, circuit.id) == {}


def test_a_layer_can_be_reported_twice(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    circuit = request(demo_worker, announcer, demo_ids)
    show = LayerPreviews(claimed(demo_worker, circuit.job_id))
    show(MIDDLE)
    show(replace(MIDDLE, groups=MIDDLE.groups[:1], edges=()))
    ((sprite, content),) = kept(demo_worker, circuit.id).values()
    assert [group["id"] for group in content["groups"]] == ["layer2/0"]
    assert content["edges"] == [] and sprite is not None


def test_a_layer_without_pictures_has_no_sprite_sheet(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    circuit = request(demo_worker, announcer, demo_ids)
    bare = tuple(replace(group, exemplars=()) for group in MIDDLE.groups)
    LayerPreviews(claimed(demo_worker, circuit.job_id))(replace(MIDDLE, groups=bare, pictures={}))
    ((sprite, content),) = kept(demo_worker, circuit.id).values()
    assert sprite is None and content["layer"]["tile"] is None
    assert [(group["exemplars"], group["picture"]) for group in content["groups"]] == [(0, None), (0, None)]


def test_a_worker_without_its_lease_saves_no_preview(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    circuit = request(demo_worker, announcer, demo_ids)
    work = claimed(demo_worker, circuit.job_id)
    stale = replace(work, claim=replace(work.claim, token="0" * 32))
    assert isinstance(stale.claim, Claim)
    LayerPreviews(stale)(MIDDLE)
    with demo_worker.database.reading() as session:
        assert session.scalars(select(CircuitPreview)).all() == []


def test_a_layer_of_a_deleted_circuit_is_not_an_error(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str], capsys: Captured
) -> None:
    circuit = request(demo_worker, announcer, demo_ids)
    show = LayerPreviews(claimed(demo_worker, circuit.job_id))
    with demo_worker.database.writing() as session:
        delete(session, circuit.id)
    capsys.readouterr()
    show(MIDDLE)
    said = capsys.readouterr()
    assert "its layer is not shown" in said.out + said.err
    assert "Traceback" not in said.out + said.err and "warning" not in said.out + said.err


@pytest.mark.parametrize("where", ["save_layer", "sheet"])
def test_a_preview_that_fails_does_not_stop_the_trace(
    demo_worker: WorkerContext,
    announcer: RecordingAnnouncer,
    demo_ids: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    def broken(*args: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(layer_previews if where == "sheet" else previews, where, broken)
    circuit = request(demo_worker, announcer, demo_ids)
    Runner(demo_worker).run(circuit.job_id)
    assert job_of(demo_worker.database, circuit.job_id).state is JobState.SUCCEEDED
    assert circuit_of(demo_worker.database, circuit.id).group_count
