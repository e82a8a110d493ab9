"""Analyses of images in a circuit: request, inspect again, rename, delete with their images.

An image comes from an upload, a data set, or another analysis. Uploading the same image twice creates two analyses:
each has its own copy, which is deleted with it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete as sql_delete
from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import BadUpload, Conflict, NotFound, TooLarge, WrongType
from neurflow_store.images import FORMATS, START_BYTES, media_type
from neurflow_store.jobs.latest import queue_again, state_of, unfinished
from neurflow_store.jobs.queue import Announcer, enqueue
from neurflow_store.names import MOST, checked_name
from neurflow_store.repositories import analyses
from neurflow_store.repositories.requests import delete_jobs, free_id, locked, one_at_a_time, protected, require
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, Dataset, DatasetImage, JobKind, Network
from neurflow_store.visibility import EVERYTHING

_UNNAMED: Final = "image"
_HIDDEN: Final = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_AT_ONCE: Final = 100


def check_upload(data: bytes, most: int, file_name: str = "") -> None:
    """Check that an uploaded file can be an image; a worker then decodes it.

    Raises:
        TooLarge: it has more than ``most`` bytes.
        BadUpload: it is empty.
        WrongType: it does not begin like a file of a supported format.
    """
    if len(data) > most:
        raise TooLarge(f"the image is larger than {most:,} bytes, the maximum: scale it down")
    if not data:
        raise BadUpload("the image is empty: choose another file")
    if media_type(data[:START_BYTES], file_name) is None:
        raise WrongType(f"the file is not an image of a supported format: choose one of {FORMATS}")


def request_upload(
    session: Session,
    announcer: Announcer,
    *,
    circuit_id: str,
    data: bytes,
    file_name: str | None,
    name: str | None = None,
    request_id: str | None = None,
) -> Analysis:
    """Create an analysis of an uploaded image, and queue its job.

    Args:
        session: of ``Database.writing()``.
        announcer: announces the job.
        circuit_id: the circuit to inspect the image in.
        data: the file, which has passed :func:`check_upload`.
        file_name: the name that the browser sent; its last part is the default for ``name``.
        name: display name.
        request_id: id of the HTTP request, for the logs.

    Raises:
        NotFound: the circuit does not exist.
        Conflict: images cannot be inspected in the circuit.
        BadValue: the name is invalid.
    """
    circuit = usable_circuit(session, circuit_id)
    chosen = checked_name(name) if name is not None else shown_name(file_name)
    image = AnalysisImage(upload=data)
    return _add(session, announcer, circuit, chosen, "upload", None, image, request_id)


def request_dataset_image(
    session: Session,
    announcer: Announcer,
    *,
    circuit_id: str,
    dataset_id: str,
    position: int,
    name: str | None = None,
    request_id: str | None = None,
) -> Analysis:
    """Create an analysis of a browsable image of a data set.

    Raises:
        NotFound: the circuit, data set or image does not exist.
        Conflict: images cannot be inspected in the circuit.
        BadValue: the name is invalid.
    """
    circuit, dataset = usable_circuit(session, circuit_id), protected(session, Dataset, dataset_id)
    of_dataset = (DatasetImage.dataset_id == dataset.id, DatasetImage.position == position)
    found = session.scalar(select(DatasetImage).where(*of_dataset))
    if found is None:
        raise NotFound(f"data set {dataset_id!r} has no browsable image {position}")
    chosen = checked_name(name) if name is not None else shown_name(found.name)
    image = AnalysisImage(dataset_id=dataset.id, name=found.name)
    return _add(session, announcer, circuit, chosen, "dataset", found.label, image, request_id)


def request_same_image(
    session: Session,
    announcer: Announcer,
    *,
    circuit_id: str,
    analysis_id: str,
    name: str | None = None,
    request_id: str | None = None,
) -> Analysis:
    """Analyse the image of another analysis in this circuit; return the existing analysis, if there is one.

    An analysis that failed, was cancelled, or is of an earlier result of the circuit is inspected again and keeps its
    name.

    Raises:
        NotFound: the circuit or analysis does not exist.
        Conflict: images cannot be inspected in the circuit, or the other analysis has no image that fits it.
        BadValue: the name is invalid.
    """
    chosen = None if name is None else checked_name(name)
    circuit = usable_circuit(session, circuit_id)
    one_at_a_time(session, Analysis)
    other = protected(session, Analysis, analysis_id)
    source = None if other.computed_at is None else session.get(AnalysisImage, analysis_id)
    if source is None or source.pixels is None:
        raise Conflict(f"analysis {analysis_id!r} has no result yet: {state_of(session, other)}")
    theirs = session.get_one(Circuit, other.circuit_id)
    if _view(session, theirs) != _view(session, circuit):
        raise Conflict(
            f"circuit {circuit_id!r} uses a different area or resolution of images than {theirs.id!r}: "
            "upload the image to it"
        )
    known = other if theirs is circuit else analyses.of_same_pixels(session, circuit_id, source.pixels)
    if known is not None:
        since = None if known.circuit_computed_at == circuit.computed_at else circuit.computed_at
        queue_again(session, announcer, known, JobKind.ANALYSE, request_id=request_id, since=since)
        return known
    # Whose data set it came from stays: only users who can see that can see the image.
    copied = ("dataset_id", "name", "picture", "pixels", "width", "height", "area")
    image = AnalysisImage(**{column: getattr(source, column) for column in copied})
    return _add(session, announcer, circuit, chosen or other.name, "analysis", other.label, image, request_id)


def repeat(session: Session, announcer: Announcer, analysis_id: str, request_id: str | None = None) -> Analysis:
    """Inspect an image again, in the circuit as it is now.

    Raises:
        NotFound: the analysis does not exist.
        Conflict: it is already being inspected, or its image was not kept.
    """
    # Lock the circuit first, as deleting does, to avoid a deadlock.
    usable_circuit(session, require(session, Analysis, analysis_id).circuit_id)
    analysis = locked(session, Analysis, analysis_id)
    if unfinished(session, analysis):
        raise Conflict(f"analysis {analysis_id!r} is already being inspected: wait until its job has ended")
    if not analyses.has_image(session, analysis_id):
        raise Conflict(f"the image of analysis {analysis_id!r} could not be read: upload it again")
    analysis.job_id = enqueue(session, announcer, JobKind.ANALYSE, analysis_id, request_id=request_id).id
    session.flush()
    return analysis


def rename(session: Session, analysis_id: str, name: str) -> Analysis:
    """Rename an analysis; its id stays.

    Raises:
        BadValue: the name is invalid.
        NotFound: the analysis does not exist.
    """
    analysis = locked(session, Analysis, analysis_id)
    analysis.name = checked_name(name)
    session.flush()
    return analysis


def delete(session: Session, analysis_id: str) -> None:
    """Delete an analysis with its image, its measurements, and its jobs.

    Raises:
        NotFound: the analysis does not exist.
    """
    analysis = locked(session, Analysis, analysis_id)
    measured = analyses.measurements_of(session, analysis_id)
    session.delete(analysis)
    delete_jobs(session, [JobKind.ANALYSE], [analysis_id])
    delete_jobs(session, [JobKind.MEASURE], measured)


def delete_of_dataset(session: Session, dataset_id: str) -> None:
    """Delete the analyses of a data set's images: without it, everyone who sees their circuits would see them."""
    analysed = analyses.of_dataset(session, dataset_id)
    measured = [id for analysis in analysed for id in analyses.measurements_of(session, analysis)]
    for start in range(0, len(analysed), _AT_ONCE):
        session.execute(sql_delete(Analysis).where(Analysis.id.in_(analysed[start : start + _AT_ONCE])))
    delete_jobs(session, [JobKind.ANALYSE], analysed)
    delete_jobs(session, [JobKind.MEASURE], measured)


def delete_unseen(session: Session, before: datetime) -> int:
    """Delete analyses without an image whose jobs failed or were cancelled before that time, at most a hundred.

    A client that waits for such a job deletes the analysis at once; this is for clients that have disconnected.

    Returns:
        The number of deleted analyses.
    """
    ids = analyses.locked_unseen(session, before, _AT_ONCE)
    if ids:
        session.execute(sql_delete(Analysis).where(Analysis.id.in_(ids)))
        delete_jobs(session, [JobKind.ANALYSE], ids)
    return len(ids)


def usable_circuit(session: Session, circuit_id: str) -> Circuit:
    """Return a circuit that images can be inspected in.

    Raises:
        NotFound: the circuit does not exist.
        Conflict: it has no result yet, or was imported without its network.
    """
    circuit = protected(session, Circuit, circuit_id)
    if circuit.network_id is None:
        raise Conflict(
            f"circuit {circuit_id!r} was imported without its network: request it for a network registered here"
        )
    if circuit.computed_at is None:
        raise Conflict(f"circuit {circuit_id!r} has no result yet: wait until its job has succeeded")
    return circuit


def shown_name(file_name: str | None) -> str:
    r"""Return the name of an uploaded image: the last part of the file name, without characters that cannot be shown.

    >>> shown_name("C:\\photos\\my cat.jpg"), shown_name("../../etc/passwd"), shown_name("\0"), shown_name(None)
    ('my cat.jpg', 'passwd', 'image', 'image')
    """
    last = (file_name or "").replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter for letter in last if unicodedata.category(letter) not in _HIDDEN).strip()
    return plain[-MOST:].strip() or _UNNAMED


def _view(session: Session, circuit: Circuit) -> Sequence[Any]:
    """Return what determines the stored pixels of an image: the area that the network sees and the smallest crop."""
    # The user may not see the network, but the circuit says what it sees of an image.
    network = session.execute(
        select(Network.input_size, Network.resize).where(Network.id == circuit.network_id), execution_options=EVERYTHING
    ).one()
    return network.input_size, network.resize, min((circuit.result or {})["parameters"]["crops"])


def _add(
    session: Session,
    announcer: Announcer,
    circuit: Circuit,
    name: str,
    source: str,
    label: str | None,
    image: AnalysisImage,
    request_id: str | None,
) -> Analysis:
    id = free_id(session, Analysis, name.rpartition(".")[0] or name)
    job = enqueue(session, announcer, JobKind.ANALYSE, id, request_id=request_id)
    analysis = Analysis(
        id=id, circuit_id=circuit.id, name=name, source=source, label=label, job_id=job.id, created_at=now()
    )
    session.add(analysis)
    session.flush()
    image.analysis_id = id
    session.add(image)
    session.flush()
    return analysis
