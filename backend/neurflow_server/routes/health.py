"""Liveness, readiness and metrics, for operators of the service."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request, Response

from neurflow_server import metrics
from neurflow_server.dependencies import ServicesDep
from neurflow_server.health import check_all
from neurflow_server.problems import ProblemResponse, answers, request_id
from neurflow_server.schemas.health import Alive, Ready

router = APIRouter(tags=["health"])
_VERSION = version("neurflow-explorer")


@router.get("/healthz", response_model=Alive)
async def is_alive() -> Any:
    """Check that the process is alive. Checks nothing else."""
    return {"state": "alive", "version": _VERSION}


@router.get("/readyz", response_model=Ready, responses=answers(503))
def is_ready(request: Request, services: ServicesDep) -> Any:
    """Check everything that the service needs; otherwise a problem that lists what is missing.

    These are the database with its tables, the broker, disk space, a live worker for each queue, workers of this
    version, a sweeper that runs, and clocks that agree with the database's within a minute.
    """
    checks = check_all(services.settings, services.database)
    if all(check.ok for check in checks):
        return {"state": "ready", "checks": checks}
    detail = "; ".join(f"{check.name}: {check.detail}" for check in checks if not check.ok)
    found = [asdict(check) for check in checks]
    return ProblemResponse(503, "not-ready", "Not ready", detail, request_id(request), checks=found)


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
)
def read_metrics(request: Request, services: ServicesDep) -> Response:
    """Get metrics in Prometheus format: requests, queue lengths, durations of jobs, throughput of stages."""
    figures: metrics.Metrics = request.app.state.metrics
    return Response(figures.text(services.database, services.follower.watching), media_type=metrics.MEDIA_TYPE)
