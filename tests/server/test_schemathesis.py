"""Whatever is sent to any operation of the OpenAPI document, the response is documented and never 5xx.

Schemathesis makes requests from the document, half of them invalid. Many of them get existing ids and names, so that
they do not only ask for missing things. The requests are the same each time.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import hypothesis
import pytest
import requests
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import Session

from neurflow_server.app import create_app
from neurflow_server.events.waiting import LONGEST
from neurflow_store.artifacts import digest_of
from neurflow_store.repositories import artifacts
from neurflow_store.tables import JobState
from tests.server.conftest import ADDRESS
from tests.server.test_uploads import PHOTOS, png, safetensors, zipped
from tests.services.fixtures import RecordingAnnouncer, settings_in
from tests.store import rows, shared_rows
from tests.store.kept_rows import KeptRows
from tests.store.stored_circuit import CIRCUIT_ID, store_circuit

TAGS: Final = (
    "networks",
    "datasets",
    "evaluations",
    "circuits",
    "views",
    "notes",
    "labels",
    "shared",
    "results",
    "analyses",
    "artifacts",
    "exports",
    "uploads",
    "jobs",
    "health",
    "users",
)
ENDLESS: Final = {"events"}
"""These respond with a stream, which ``test_events`` tests."""
NOT_READY: Final = "/readyz"
"""Responds 503 because there is no worker."""
EXAMPLES: Final = 20
CHECKS: Final[list[Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KNOWN_IDS: Final = {
    "/api/v1/networks": [rows.NETWORK, "waits-net00"],
    "/api/v1/datasets": [rows.DATASET, "waits-dat00"],
    "/api/v1/evaluations": [rows.EVALUATION],
    "/api/v1/jobs": [f"job-{CIRCUIT_ID}", "job-waits-net00"],
    "/api/v1/users": [rows.USER],
    "/api/v1/spaces": [rows.SPACE],
    "/api/v1/views": [shared_rows.VIEW],
    "/api/v1/circuits": [CIRCUIT_ID, "cat-00000", "waits-00000"],
    "/api/v1/analyses": ["photo-00000", "other-00000", "waits-ana00"],
    "/api/v1/measurements": ["knock-out-00000"],
}
KNOWN: Final[dict[str, list[Any]]] = {
    "network": [rows.NETWORK, "waits-net00"],
    "dataset": [rows.DATASET],
    "class": ["cat", "dog"],
    "classes": [["cat"], None],
    "spec": ["demo/photos", "torchvision/resnet18"],
    "name": ["Ours"],
    "user": [rows.USER],
    "parameters": [{}, {"images": 5}],
    "layer": ["layer1", "layer2", "fc"],
    "source": ["layer0/0", "layer1/0"],
    "target": ["layer1/0", "layer2/0"],
    "number": [0, 1],
    "channel": [0, 1, 3],
    "position": [0, 1, 2],
    "note": [shared_rows.NOTE, shared_rows.ANSWER],
    "link": [shared_rows.LINK],
    "token": [shared_rows.TOKEN],
    "group": ["layer1/0", "layer1/9"],
    "state": ["?v=1&influence=80", ""],
    "circuit": [CIRCUIT_ID, "cat-00000", "dog-00000"],
    "analysis": ["photo-00000"],
    "other": ["other-00000", "dog-ana00"],
    "image": [{"dataset": rows.DATASET, "position": 0}],
    "kind": ["knock_out", "held_out", "ranking", "pixels"],
    "groups": [[], [{"group": "layer0/0"}]],
    "digits": [digest_of(b"picture").removeprefix("sha256:")],
    "file": [safetensors(fc=3), zipped(PHOTOS), png()],
}


@pytest.fixture(scope="module")
def refill(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, Callable[[], None]]]:
    """Return an application, and a function that restores everything in its store that requests refer to."""
    home = tmp_path_factory.mktemp("home")
    url = f"sqlite:///{shutil.copy(sqlite_template, home / 'test.db')}"
    app = create_app(settings_in(home, database_url=url), RecordingAnnouncer())
    with TestClient(app, base_url=ADDRESS) as client:
        database, store = app.state.services.database, app.state.services.store
        with database.writing() as session:
            _fill(session)
        store_circuit(database, store)
        with database.writing() as session:
            artifacts.record(session, store.put(b"picture"), "image/webp", 7)
            kept = KeptRows(session)

        def again() -> None:
            with database.writing() as session:
                kept.put_back(session)

        yield client, again


def _fill(session: Session) -> None:
    rows.add_basis(session)
    rows.add_network(session, "waits-net00", JobState.QUEUED)
    rows.add_dataset(session, "waits-dat00", JobState.QUEUED)
    rows.add_circuit(session, "cat-00000")
    rows.add_circuit(session, "waits-00000", state=JobState.QUEUED)
    rows.add_preview(session, "waits-00000")
    rows.add_circuit(session, "dog-00000", class_name="dog")
    for id, circuit in (("photo-00000", "cat-00000"), ("other-00000", "cat-00000"), ("dog-ana00", "dog-00000")):
        rows.add_analysis(session, id, circuit)
    rows.add_analysis(session, "waits-ana00", state=JobState.QUEUED)
    rows.add_measurement(session)
    rows.add_account(session)
    shared_rows.add_sharing(session)


@pytest.fixture(scope="module")
def document(refill: tuple[TestClient, Callable[[], None]]) -> dict[str, Any]:
    client, _ = refill
    return dict(client.get("/api/v1/openapi.json").json())


def test_every_operation_is_tested(document: dict[str, Any]) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert {tag for operation in operations for tag in operation["tags"]} == {*TAGS, *ENDLESS}


@pytest.mark.parametrize("tag", TAGS)
def test_responses_follow_the_document(
    refill: tuple[TestClient, Callable[[], None]], document: dict[str, Any], tag: str
) -> None:
    client, again = refill
    statuses: set[int] = set()
    for found in schemathesis.openapi.from_dict(deepcopy(document)).include(tag=tag).get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        again()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _ask(client, operation, mode, statuses)
    assert statuses & {200, 201, 202}


def _ask(client: TestClient, operation: Any, mode: GenerationMode, statuses: set[int]) -> None:
    checks = [check for check in CHECKS if operation.path != NOT_READY or check is not not_a_server_error]
    waits = {parameter.name for parameter in operation.query}

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(mode), data=st.data())
    def ask(case: Any, data: st.DataObject) -> None:
        _put_known(case, data)
        request = requests.Request(**case.as_transport_kwargs(base_url=ADDRESS)).prepare()
        body: Any = request.body
        headers: Any = dict(request.headers)
        url = _at_once(str(request.url)) if "wait" in waits else str(request.url)
        answer = client.request(str(request.method), url, content=body, headers=headers)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=checks)

    try:
        ask()
    except hypothesis.errors.Unsatisfiable:
        # An operation without parameters cannot be called with invalid ones.
        assert mode is GenerationMode.NEGATIVE


def _at_once(url: str) -> str:
    """Return the address with ``wait=0``, because no worker runs; invalid waits stay."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    with suppress(ValueError):
        if 0 <= float(([value for name, value in query if name == "wait"] or ["10"])[-1]) <= LONGEST:
            query = [*((name, value) for name, value in query if name != "wait"), ("wait", "0")]
    return parts._replace(query=urlencode(query)).geturl()


def _put_known(case: Any, data: st.DataObject) -> None:
    """Replace some made-up values by existing ones."""
    for place in (case.path_parameters, case.query, case.body):
        if not isinstance(place, dict):
            continue
        for name in place:
            known = KNOWN.get(name, [])
            if name == "id":
                known = next((ids for path, ids in KNOWN_IDS.items() if case.path.startswith(path)), [])
            if known:
                place[name] = data.draw(st.sampled_from([place[name], *known]))
