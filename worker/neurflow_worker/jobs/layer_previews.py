"""Show a circuit while it is being computed: save each finished layer as a row, until the result replaces them.

Best effort: if a layer cannot be saved, only its preview is missing. It is saved only while the job is held, in one
transaction with the lease.
"""

from __future__ import annotations

from typing import Any

import structlog

from neurflow.method.assemble import FinishedLayer
from neurflow.result.circuit import Group
from neurflow.result.file_format import picture_bytes
from neurflow.terms import group_figures
from neurflow_store.errors import LeaseLost, NotFound
from neurflow_store.jobs import lease
from neurflow_store.repositories import previews, results
from neurflow_worker.jobs.circuit_rows import number_of
from neurflow_worker.jobs.pictures import TILE, WEBP, sheet
from neurflow_worker.running.context import JobContext
from neurflow_worker.running.saving import Saver

_log = structlog.stdlib.get_logger(__name__)


class LayerPreviews:
    """Saves each finished layer of one job's circuit."""

    def __init__(self, job: JobContext) -> None:
        """Save layers of the circuit that is the job's subject."""
        self._job = job

    def __call__(self, layer: FinishedLayer) -> None:
        """Save a layer."""
        # Saving must not be interrupted; the next progress report allows interrupts again.
        self._job.worker.interrupter.disarm()
        try:
            self._save(layer)
        except (LeaseLost, NotFound):
            _log.info("this worker no longer holds the job: its layer is not shown", layer=layer.info.name)
        except Exception as error:  # noqa: BLE001 - the circuit itself can still be computed
            _log.warning("a finished layer cannot be shown", layer=layer.info.name, exc_info=error)

    def _save(self, layer: FinishedLayer) -> None:
        worker, claim = self._job.worker, self._job.claim
        with Saver(worker.store) as saver:
            data = sheet([[layer.pictures[e.file] for e in group.exemplars] for group in layer.groups])
            sprite = None if data is None else saver.put(data, WEBP)
            content = {
                "layer": {
                    "position": layer.position,
                    "name": layer.info.name,
                    "channels": layer.info.channels,
                    "shape": list(layer.info.shape),
                    "tile": None if sprite is None else TILE,
                },
                "groups": [_group(group, layer, saver) for group in layer.groups],
                "edges": [{"source": e.source, "target": e.target, "weight": e.weight} for e in layer.edges],
            }
        with worker.database.writing() as session:
            results.hold_circuit(session, claim.subject)
            saver.record(session)
            previews.save_layer(session, claim.subject, layer.position, sprite, content)
            # Last, as when saving a result: deleting a circuit locks its rows in that order.
            lease.renew(session, claim, worker.settings.lease_seconds)


def _group(group: Group, layer: FinishedLayer, saver: Saver) -> dict[str, Any]:
    nearest = group.exemplars[0].file if group.exemplars else None
    return {
        "id": group.id,
        "layer": group.layer,
        "number": number_of(group),
        "neurons": list(group.neurons),
        **group_figures.of_group(group),
        "exemplars": len(group.exemplars),
        "picture": None if nearest is None else saver.put(picture_bytes(layer.pictures[nearest]), WEBP),
    }
