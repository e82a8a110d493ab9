"""Analyses: an image looked at through a circuit. Asked for, looked at again, renamed, deleted with their images.

An image comes as an upload, from a data set, or from another analysis. Whoever uploads the same image twice gets two
analyses: each has its own copy of it, which goes when it is deleted.
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
from neurflow_store.jobs.latest import begun_anew, state_of, unfinished
from neurflow_store.jobs.queue import Announcer, enqueue
from neurflow_store.names import MOST, checked_name
from neurflow_store.repositories import analyses
from neurflow_store.repositories.requests import drop_jobs, free_id, kept, locked, one_at_a_time, there
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, Dataset, DatasetImage, JobKind, Network

_UNNAMED: Final = "image"
_HIDDEN: Final = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_AT_ONCE: Final = 100


def check_upload(data: bytes, most: int) -> None:
    """Whether an uploaded file may be an image; a worker finds out whether it is.

    Raises:
        TooLarge: it has more than ``most`` bytes.
        BadUpload: it is empty.
        WrongType: it does not begin as a file of a format that is taken.
    """
    if len(data) > most:
        raise TooLarge(f"the image has more than {most:,} bytes, which is the most that is taken: scale it down")
    if not data:
        raise BadUpload("the image is empty: choose another file")
    if media_type(data[:START_BYTES]) is None:
        raise WrongType(f"the file does not begin as one of {FORMATS}: choose an image of these formats")


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
    """An analysis of an uploaded image, and the job that looks at it.

    Args:
        session: of ``Database.writing()``.
        announcer: who announces the job.
        circuit_id: through which it is looked.
        data: the file, as :func:`check_upload` let it by.
        file_name: as the browser tells it; its last part is the name where ``name`` is ``None``.
        name: for people.
        request_id: of the HTTP request, for the logs.

    Raises:
        NotFound: there is no such circuit.
        Conflict: an image cannot be looked at through it.
        BadValue: the name cannot be used.
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
    """An analysis of a browsable image of a data set.

    Raises:
        NotFound: there is no such circuit, data set or image.
        Conflict: an image cannot be looked at through the circuit.
        BadValue: the name cannot be used.
    """
    circuit, dataset = usable_circuit(session, circuit_id), kept(session, Dataset, dataset_id)
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
    """The image of another analysis through this circuit; the analysis that there is, where there is one.

    One that failed, was cancelled, or was looked at through an earlier result of the circuit is looked at again; its
    name stays.

    Raises:
        NotFound: there is no such circuit or analysis.
        Conflict: an image cannot be looked at through the circuit, or the other analysis has none that fits it.
        BadValue: the name cannot be used.
    """
    chosen = None if name is None else checked_name(name)
    circuit = usable_circuit(session, circuit_id)
    one_at_a_time(session, Analysis)
    other = kept(session, Analysis, analysis_id)
    source = None if other.computed_at is None else session.get(AnalysisImage, analysis_id)
    if source is None or source.pixels is None:
        raise Conflict(f"analysis {analysis_id!r} was not looked at yet: {state_of(session, other)}")
    theirs = session.get_one(Circuit, other.circuit_id)
    if _view(session, theirs) != _view(session, circuit):
        raise Conflict(
            f"circuit {circuit_id!r} sees other parts of images than {theirs.id!r}, or as many pixels of them: "
            "upload the image to it"
        )
    known = other if theirs is circuit else analyses.of_same_pixels(session, circuit_id, source.pixels)
    if known is not None:
        since = None if known.circuit_computed_at == circuit.computed_at else circuit.computed_at
        begun_anew(session, announcer, known, JobKind.ANALYSE, request_id=request_id, since=since)
        return known
    image = AnalysisImage(
        picture=source.picture, pixels=source.pixels, width=source.width, height=source.height, area=source.area
    )
    return _add(session, announcer, circuit, chosen or other.name, "analysis", other.label, image, request_id)


def repeat(session: Session, announcer: Announcer, analysis_id: str, request_id: str | None = None) -> Analysis:
    """Has an image looked at again, through the circuit as it is now.

    Raises:
        NotFound: there is no such analysis.
        Conflict: it is being looked at, or nothing of its image was kept.
    """
    # The circuit first, as deleting does, or each would wait for what the other holds.
    usable_circuit(session, there(session, Analysis, analysis_id).circuit_id)
    analysis = locked(session, Analysis, analysis_id)
    if unfinished(session, analysis):
        raise Conflict(f"analysis {analysis_id!r} is being looked at: wait until that is done")
    if not analyses.has_image(session, analysis_id):
        raise Conflict(f"the image of analysis {analysis_id!r} could not be read: upload it again")
    analysis.job_id = enqueue(session, announcer, JobKind.ANALYSE, analysis_id, request_id=request_id).id
    session.flush()
    return analysis


def rename(session: Session, analysis_id: str, name: str) -> Analysis:
    """Gives an analysis another name; its id stays.

    Raises:
        BadValue: the name cannot be used.
        NotFound: there is no such analysis.
    """
    analysis = locked(session, Analysis, analysis_id)
    analysis.name = checked_name(name)
    session.flush()
    return analysis


def delete(session: Session, analysis_id: str) -> None:
    """Deletes an analysis with its image, what was measured of it, and its jobs.

    Raises:
        NotFound: there is no such analysis.
    """
    analysis = locked(session, Analysis, analysis_id)
    measured = analyses.measurements_of(session, analysis_id)
    session.delete(analysis)
    drop_jobs(session, [JobKind.ANALYSE], [analysis_id])
    drop_jobs(session, [JobKind.MEASURE], measured)


def delete_unseen(session: Session, before: datetime) -> int:
    """Deletes analyses whose image was never seen, as their jobs failed or were cancelled before that time.

    Who waits for such a job takes the analysis away at once; this is for those who went away. A hundred at most.

    Returns:
        How many were deleted.
    """
    ids = analyses.locked_unseen(session, before, _AT_ONCE)
    if ids:
        session.execute(sql_delete(Analysis).where(Analysis.id.in_(ids)))
        drop_jobs(session, [JobKind.ANALYSE], ids)
    return len(ids)


def usable_circuit(session: Session, circuit_id: str) -> Circuit:
    """A circuit through which images can be looked at.

    Raises:
        NotFound: there is no such circuit.
        Conflict: it has no result yet, or was imported without its network.
    """
    circuit = kept(session, Circuit, circuit_id)
    if circuit.network_id is None:
        raise Conflict(
            f"circuit {circuit_id!r} was imported without its network: ask for it of a network registered here"
        )
    if circuit.computed_at is None:
        raise Conflict(f"circuit {circuit_id!r} is not computed yet: wait until that is done")
    return circuit


def shown_name(file_name: str | None) -> str:
    r"""What an image is called: the last part of a file's name, without what cannot be shown.

    >>> shown_name("C:\\photos\\my cat.jpg"), shown_name("../../etc/passwd"), shown_name("\0"), shown_name(None)
    ('my cat.jpg', 'passwd', 'image', 'image')
    """
    last = (file_name or "").replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter for letter in last if unicodedata.category(letter) not in _HIDDEN).strip()
    return plain[-MOST:].strip() or _UNNAMED


def _view(session: Session, circuit: Circuit) -> Sequence[Any]:
    """What decides which pixels are kept of an image: the part that the network sees, as many as the smallest crop."""
    network = session.get_one(Network, circuit.network_id)
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
