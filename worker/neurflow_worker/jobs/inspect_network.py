"""Inspect a network: load it once and record its weights' digest, input, classes and layers."""

from __future__ import annotations

from functools import partial
from typing import Any

from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import default_ladder
from neurflow.network.networks import Network
from neurflow_store import tables
from neurflow_store.repositories import results
from neurflow_worker.running.context import JobContext, Outcome
from neurflow_worker.running.plan import Stage


def run(job: JobContext) -> Outcome:
    """Run the job."""
    with job.worker.database.reading() as session:
        row = results.subject(session, tables.Network, job.claim.subject)
    job.progress.follow([Stage("loading", 2, "fixed"), Stage("graph", 1, "fixed")])
    job.progress("loading", 0, 1)
    network = job.worker.library.network(row)
    job.progress("graph", 0, 1)
    columns = inspected(network)
    job.progress("graph", 1, 1)
    return Outcome(partial(results.save_network, network_id=row.id, columns=columns))


def inspected(network: Network) -> dict[str, Any]:
    """Return the columns of a network's row.

    Raises:
        NotTraceable: its graph cannot be captured or has no cut point.
    """
    preprocessing = network.preprocessing
    graph = NetworkGraph(network.module, preprocessing.input_size)
    default = default_ladder(graph)
    return {
        "digest": network.digest,
        "parameter_count": sum(parameter.numel() for parameter in network.module.parameters()),
        "input_size": preprocessing.input_size,
        "resize": preprocessing.resize,
        "mean": list(preprocessing.mean),
        "std": list(preprocessing.std),
        "classes": list(network.classes),
        "layers": [
            {
                "name": point.name,
                "kind": point.kind,
                "channels": point.channels,
                "shape": list(point.shape),
                "default": point in default,
            }
            for point in graph.cut_points
        ],
    }
