"""A demo circuit with a lens, for the tests of jobs that analyse images."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import PIL.Image
from sqlalchemy import select

from neurflow.data.images import Dataset as Photographs
from neurflow.datasets import load_dataset
from neurflow.lens import Lens
from neurflow.network.networks import Network as DemoNetwork
from neurflow.network.networks import load_network
from neurflow.result.circuit_json import decode
from neurflow_store.asking import analyses, measurements
from neurflow_store.asking.measurements import Question
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, Dataset, Job, JobState, Measurement, Network
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import WorkerContext
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.workplace import circuit_of, job_of, request


@cache
def photographs() -> Photographs:
    return load_dataset("demo/photos")


@cache
def demo_network() -> DemoNetwork:
    return load_network("demo/photos")


def photograph(label: str, place: int = 0) -> PIL.Image.Image:
    """Return one of the demo's photographs of a class."""
    refs = [ref for ref in photographs().images if ref.label == label]
    return photographs().load(refs[place])


def as_file(picture: PIL.Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


class LensSetup:
    """A worker context with a computed circuit of a class."""

    def __init__(self, worker: WorkerContext, announcer: RecordingAnnouncer) -> None:
        """Return what the worker's data folder holds."""
        self.worker, self.announcer = worker, announcer
        self.runner = Runner(worker)
        with worker.database.reading() as session:
            self.ids = session.scalars(select(Network.id)).one(), session.scalars(select(Dataset.id)).one()
            self.circuit = session.scalars(select(Circuit)).one()

    def computed(self, class_name: str, **parameters: Any) -> Circuit:
        """Return a circuit with its result."""
        asked = request(self.worker, self.announcer, self.ids, class_name, **parameters)
        self.succeeded(asked.job_id)
        return circuit_of(self.worker.database, asked.id)

    def succeeded(self, job_id: str) -> Job:
        """Run a job that must succeed."""
        job = self.done(job_id)
        assert job.state is JobState.SUCCEEDED, job.problem
        return job

    def done(self, job_id: str) -> Job:
        self.runner.run(job_id)
        return job_of(self.worker.database, job_id)

    def upload(self, data: bytes, name: str = "photo.png", circuit: Circuit | None = None) -> Analysis:
        """Request the analysis of an uploaded file."""
        with self.worker.database.writing() as session:
            return analyses.request_upload(
                session, self.announcer, circuit_id=(circuit or self.circuit).id, data=data, file_name=name
            )

    def analysed(self, data: bytes) -> Analysis:
        """Analyse an uploaded file."""
        asked = self.upload(data)
        self.succeeded(asked.job_id)
        return self.analysis(asked.id)

    def measured(self, question: Question) -> Measurement:
        """Request a measurement and run its job."""
        with self.worker.database.writing() as session:
            asked = measurements.request_measurement(session, self.announcer, question)
        self.succeeded(asked.job_id)
        with self.worker.database.reading() as session:
            return session.get_one(Measurement, asked.id)

    def analysis(self, id: str) -> Analysis:
        with self.worker.database.reading() as session:
            return session.get_one(Analysis, id)

    def image(self, id: str) -> AnalysisImage | None:
        with self.worker.database.reading() as session:
            return session.get(AnalysisImage, id)

    def lens(self, circuit: Circuit | None = None) -> Lens:
        """Return a lens of the test's own for the same circuit."""
        file = (circuit or self.circuit).file
        assert file is not None
        with self.worker.store.open(file) as stream:
            return Lens(demo_network(), decode(stream.read()), "cpu")
