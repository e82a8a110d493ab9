"""Measurements: the same question returns the same measurement, until its subject changes."""

from __future__ import annotations

from typing import Any

import pytest

from neurflow_store.asking import analyses, requests
from neurflow_store.errors import BadValue, Conflict, LeaseLost, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease, queue
from neurflow_store.repositories import analyses as queries
from neurflow_store.sharing import following
from neurflow_store.tables import Analysis, JobKind, JobState, Measurement, Queue
from tests.services.fixtures import RecordingAnnouncer
from tests.store import lens_rows, rows
from tests.store.analysing import ask, claimed, finish_analysis, lens_jobs, upload, write_measured
from tests.store.circuit_requests import count, end, together


@pytest.fixture(autouse=True)
def _analysis(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
        rows.add_analysis(session)


@pytest.mark.parametrize("kind", ["knock_out", "held_out", "ranking", "pixels"])
def test_each_kind_of_measurement_is_requested(database: Database, announcer: RecordingAnnouncer, kind: str) -> None:
    found = ask(database, announcer, kind)
    assert found.id.startswith(kind.replace("_", "-"))
    assert announcer.announced == [(Queue.INTERACTIVE, found.job_id)]
    with database.reading() as session:
        job = queue.find(session, found.job_id)
        assert (job.kind, job.subject) == (JobKind.MEASURE, found.id)
        assert session.get_one(Measurement, found.id).result is None
    write_measured(database, claimed(database, found.job_id))
    with database.reading() as session:
        assert queries.measurement(session, found.id).result == lens_rows.RESULTS[kind]
    assert ask(database, announcer, kind).id == found.id
    assert len(announcer.announced) == 1


def test_a_request_is_stored_in_normal_form(database: Database, announcer: RecordingAnnouncer) -> None:
    found = ask(database, announcer, groups={"layer1/0": 2, "layer0/0": -0.0}, random_sets=5, seed=7)
    asked = {"groups": [["layer0/0", 0.0], ["layer1/0", 2.0]], "class_index": None, "class": None}
    assert found.request == asked | {"random_sets": 5, "seed": 7}
    assert str(found.request["groups"][0][1]) == "0.0"


@pytest.mark.parametrize(
    "other",
    [
        {"groups": {"layer0/0": 0.5}},
        {"groups": {"layer0/1": 0.0}},
        {"groups": {"layer0/0": 0.0, "layer0/1": 0.0}},
        {"seed": 1},
        {"random_sets": 5},
        {"kind": "held_out"},
        {"kind": "ranking"},
    ],
)
def test_a_different_question_is_a_different_measurement(
    database: Database, announcer: RecordingAnnouncer, other: dict[str, Any]
) -> None:
    assert ask(database, announcer).id != ask(database, announcer, **other).id
    assert (count(database, Measurement), len(announcer.announced)) == (2, 2)


def test_the_order_of_groups_does_not_matter(database: Database, announcer: RecordingAnnouncer) -> None:
    groups = {"layer0/0": 0.0, "layer0/1": 0.5}
    assert (
        ask(database, announcer, groups=groups).id == ask(database, announcer, groups=dict(reversed(groups.items()))).id
    )


def test_naming_the_default_class_gives_the_same_measurement(database: Database, announcer: RecordingAnnouncer) -> None:
    for kind in ("ranking", "held_out"):
        ids = {ask(database, announcer, kind, class_name=name).id for name in (None, "cat", "Cat")}
        assert len(ids) == 1
        other = ask(database, announcer, kind, class_name="dog")
        assert other.id not in ids
        assert (other.request["class_index"], other.request["class"]) == (1, "dog")


def test_unknown_classes_are_refused(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_network(session, "cranes-net00", classes=["cat", "crane", "crane"])
        rows.add_circuit(session, "cranes-00000", network_id="cranes-net00")
    with pytest.raises(BadValue, match="the network has no class 'cow'"):
        ask(database, announcer, "ranking", class_name="cow")
    cranes: dict[str, Any] = {"kind": "held_out", "circuit_id": "cranes-00000"}
    with pytest.raises(BadValue, match="'crane' is ambiguous: write #1 or #2"):
        ask(database, announcer, class_name="crane", **cranes)
    found = ask(database, announcer, class_name="#2", **cranes)
    assert (found.request["class_index"], found.request["class"]) == (2, "crane")
    for kind in ("knock_out", "pixels"):
        with pytest.raises(BadValue, match=f"{kind} measures all classes: omit class"):
            ask(database, announcer, kind, class_name="cat")


@pytest.mark.parametrize(
    ("kind", "groups", "says"),
    [
        ("knock_out", {}, "groups has 0 entries: knock_out takes at least one"),
        ("held_out", {}, "groups has 0 entries: held_out takes at least one"),
        ("ranking", {"layer0/0": 0.0}, "groups has 1 entries: ranking takes none"),
        ("pixels", {}, "groups has 0 entries: pixels takes exactly one"),
        ("pixels", {"layer0/0": 0.0, "layer0/1": 0.0}, "groups has 2 entries: pixels takes exactly one"),
        ("knock_out", {"layer0/0": 0.0, "layer9/9": 0.0}, "the circuit has no group 'layer9/9'"),
        ("knock_out", {"<b>": 0.0}, "the circuit has no group '<b>'"),
    ],
)
def test_unknown_or_too_many_groups_are_refused(
    database: Database, announcer: RecordingAnnouncer, kind: str, groups: dict[str, float], says: str
) -> None:
    with pytest.raises(BadValue, match=says):
        ask(database, announcer, kind, groups=groups)
    assert (count(database, Measurement), announcer.announced) == (0, [])


def test_analyses_that_do_not_fit_the_kind_are_refused(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_circuit(session, "dog-00000", class_name="dog")
        rows.add_circuit(session, "imported-00000", network_id=None)
        rows.add_circuit(session, "new-00000", state=JobState.QUEUED)
    waiting = upload(database, announcer)
    wrong: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (
            BadValue,
            "held_out measures the circuit's held-out images",
            {"kind": "held_out", "analysis_id": "photo-00000"},
        ),
        (BadValue, "ranking measures an image", {"kind": "ranking", "analysis_id": None}),
        (BadValue, "belongs to circuit 'cat-00000', not to 'dog-00000'", {"circuit_id": "dog-00000"}),
        (NotFound, "no analysis 'missing'", {"analysis_id": "missing"}),
        (NotFound, "no circuit 'missing'", {"circuit_id": "missing"}),
        (Conflict, "is of an earlier result", {"analysis_id": waiting.id}),
        (Conflict, "without its network", {"kind": "held_out", "circuit_id": "imported-00000"}),
        (Conflict, "has no result yet", {"kind": "held_out", "circuit_id": "new-00000"}),
    ]
    for error, says, values in wrong:
        with pytest.raises(error, match=says):
            ask(database, announcer, **values)
    assert count(database, Measurement) == 0


@pytest.mark.parametrize("ended", [JobState.FAILED, JobState.CANCELLED])
def test_a_failed_measurement_is_repeated(database: Database, announcer: RecordingAnnouncer, ended: JobState) -> None:
    found = ask(database, announcer)
    end(database, found.job_id, ended)
    again = ask(database, announcer)
    assert again.id == found.id
    assert again.job_id != found.job_id
    assert [job_id for _, job_id in announcer.announced] == [found.job_id, again.job_id]


def test_a_repeated_analysis_gets_new_measurements(database: Database, announcer: RecordingAnnouncer) -> None:
    found, class_wide = ask(database, announcer), ask(database, announcer, "held_out")
    with database.writing() as session:
        analyses.repeat(session, announcer, "photo-00000")
    assert ask(database, announcer).id == found.id, "what is known holds until there is more"
    finish_analysis(database, "photo-00000")
    assert ask(database, announcer).id != found.id
    assert ask(database, announcer, "held_out").id == class_wide.id


def test_a_recomputed_circuit_gets_new_measurements(database: Database, announcer: RecordingAnnouncer) -> None:
    found, class_wide = ask(database, announcer), ask(database, announcer, "held_out")
    with database.writing() as session:
        session.get_one(Analysis, "photo-00000").circuit_computed_at = rows.later()
    with pytest.raises(Conflict, match="is of an earlier result of the circuit: inspect the image again"):
        ask(database, announcer)
    with database.writing() as session:
        result = rows.circuit_row("cat-00000", rows.SMALL, JobState.SUCCEEDED)["result"]
        parts = {
            table: [_without_circuit(row) for row in found] for table, found in rows.parts("cat-00000", rows.SMALL)
        }
        following.replace_result(session, "cat-00000", {"computed_at": rows.later(), "result": result}, parts)
    assert ask(database, announcer).id != found.id
    assert ask(database, announcer, "held_out").id != class_wide.id


def _without_circuit(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "circuit_id"}


def test_concurrent_questions_make_one_measurement(database: Database, announcer: RecordingAnnouncer) -> None:
    found: list[str] = []
    assert together(*[lambda: found.append(ask(database, announcer).id)] * 6) == []
    assert len(set(found)) == 1
    assert (count(database, Measurement), len(announcer.announced)) == (1, 1)


def test_saving_fails_if_the_subject_was_deleted_meanwhile(database: Database, announcer: RecordingAnnouncer) -> None:
    found, class_wide = ask(database, announcer), ask(database, announcer, "held_out")
    holds = [claimed(database, job_id) for job_id in (found.job_id, class_wide.job_id)]
    with database.writing() as session:
        analyses.delete(session, "photo-00000")
    with pytest.raises(NotFound, match=f"measurement '{found.id}' was deleted"):
        write_measured(database, holds[0])
    with database.writing() as session:
        requests.delete(session, "cat-00000")
    for held in holds:
        with database.writing() as session, pytest.raises(LeaseLost):
            lease.succeed(session, held)
    assert lens_jobs(database) == []


def test_concurrent_deletion_and_request_do_not_fail(database: Database, announcer: RecordingAnnouncer) -> None:
    found = ask(database, announcer)
    held = claimed(database, found.job_id)

    def delete() -> None:
        with database.writing() as session:
            analyses.delete(session, "photo-00000")

    def again() -> None:
        ask(database, announcer, seed=1)

    problems = together(delete, again, again, lambda: write_measured(database, held))
    assert all(isinstance(problem, NotFound | LeaseLost) for problem in problems), problems
    assert (count(database, Measurement), lens_jobs(database)) == (0, [])


@pytest.mark.parametrize("kind", ["ranking", "pixels"])
def test_options_without_effect_do_not_change_the_question(
    database: Database, announcer: RecordingAnnouncer, kind: str
) -> None:
    groups = {"layer1/0": 0.0} if kind == "pixels" else {}
    first = ask(database, announcer, kind, groups=groups)
    again = ask(database, announcer, kind, groups=dict.fromkeys(groups, 2.0), random_sets=5, seed=7)
    assert again.id == first.id
