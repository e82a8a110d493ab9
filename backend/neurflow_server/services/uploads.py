"""Uploads: saved in a temporary file in the data folder, checked, stored, and only then recorded in the database.

A refused upload leaves nothing: the temporary file is always removed, and only checked files are stored.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import UploadFile

from neurflow_server.auth.requester import Requester
from neurflow_server.dependencies import Services
from neurflow_server.schemas.circuits import CircuitCard
from neurflow_server.schemas.datasets import DatasetOut
from neurflow_server.schemas.networks import NetworkOut
from neurflow_server.schemas.uploads import CircuitUpload, DatasetUpload, NetworkUpload
from neurflow_server.services import circuits, datasets, networks, visibility
from neurflow_store.archives import check_archive
from neurflow_store.archives.limits import Limits
from neurflow_store.artifacts.store import storage_errors
from neurflow_store.asking import registry, requests
from neurflow_store.asking.specs import checked_network_spec
from neurflow_store.clock import now
from neurflow_store.exports import bundle
from neurflow_store.exports.bundle_members import LIMITS
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import artifacts
from neurflow_store.safetensors_check import check_safetensors
from neurflow_store.tables import JobState

_ARCHIVE = "application/octet-stream"


def network(
    services: Services, requester: Requester, upload: NetworkUpload, request_id: str
) -> tuple[NetworkOut, bool]:
    """Register a network with uploaded weights; return it, and whether it is new.

    Raises:
        WrongType: the file is not a safetensors file.
        BadUpload: it is damaged.
        BadValue: a value is invalid.
        NotFound, Forbidden: the space is not one that the user edits.
    """
    spec, options = checked_network_spec(upload.spec), upload.options()
    with _temporary_file(services.settings, upload.file) as path:
        check_safetensors(path)
        digest, size = services.store.put_file(path), path.stat().st_size
    begun = now()
    with services.database.writing() as session:
        artifacts.record(session, digest, _ARCHIVE, size)
        found = registry.register_network(
            session,
            services.announcer,
            spec=spec,
            name=upload.name,
            weights=digest,
            options=options,
            visible=visibility.chosen(session, requester, upload),
            request_id=request_id,
        )
        return networks.get(session, found.id), found.created_at >= begun


def dataset(
    services: Services, requester: Requester, upload: DatasetUpload, request_id: str
) -> tuple[DatasetOut, bool]:
    """Register a data set from an uploaded archive; return it, and whether it is new.

    Raises:
        BadUpload: the archive is refused, with the reason.
        NotFound, Forbidden: as :func:`network`.
    """
    with _temporary_file(services.settings, upload.file) as path:
        check_archive(path, services.settings)
        digest, size = services.store.put_file(path), path.stat().st_size
    begun = now()
    with services.database.writing() as session:
        artifacts.record(session, digest, _ARCHIVE, size)
        found = registry.register_dataset(
            session,
            services.announcer,
            services.settings,
            name=upload.name,
            archive=digest,
            visible=visibility.chosen(session, requester, upload),
            request_id=request_id,
        )
        return datasets.get(session, found.id), found.created_at >= begun


def circuit(
    services: Services, requester: Requester, upload: CircuitUpload, request_id: str
) -> tuple[CircuitCard, bool]:
    """Import an uploaded circuit; return it, and whether its import has not ended yet.

    Raises:
        BadUpload: the bundle is refused, with the reason.
        NotFound, Forbidden: as :func:`network`.
    """
    with _temporary_file(services.settings, upload.file) as path:
        limits = _limits(services.settings)
        label = bundle.read_label(path, limits)
        # Only unpacking checks the content of its members.
        with storage_errors(str(path.parent)):
            bundle.read_bundle(path, path.parent / "bundle", limits)
        digest, size = services.store.put_file(path), path.stat().st_size
    with services.database.writing() as session:
        artifacts.record(session, digest, _ARCHIVE, size)
        found = requests.request_import(
            session,
            services.announcer,
            archive=digest,
            id=label.id,
            name=upload.name or label.name,
            file=label.file,
            visible=visibility.chosen(session, requester, upload),
            request_id=request_id,
        )
        card = circuits.get(session, found.id)
        return card, card.state is not JobState.SUCCEEDED


@contextmanager
def _temporary_file(settings: Settings, file: UploadFile) -> Iterator[Path]:
    """Provide an uploaded file in a temporary folder, which is removed with everything in it."""
    # Not in the system's temporary folder: that may be in memory.
    place = settings.home / "uploads"
    with storage_errors(str(place)):
        place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place, prefix="upload-") as folder:
        path = Path(folder) / "file"
        with storage_errors(str(place)), path.open("xb") as target:
            shutil.copyfileobj(file.file, target, 1024 * 1024)
        yield path


def _limits(settings: Settings) -> Limits:
    return replace(
        LIMITS,
        files=min(LIMITS.files, settings.max_archive_files),
        bytes=min(LIMITS.bytes, settings.max_archive_bytes),
        ratio=min(LIMITS.ratio, settings.max_archive_ratio),
    )
