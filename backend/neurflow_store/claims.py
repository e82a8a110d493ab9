"""What allowed a request whose response goes on, and whether it still would: asked for all open streams at once.

1. A session or token is valid, its owner is not disabled, and it allows the same role as at the beginning.
2. A share link works.
3. The user still sees the circuit or job that the stream is about.

However many streams there are, this takes a few queries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store import job_visibility
from neurflow_store.sharing import links
from neurflow_store.tables import Job, Role
from neurflow_store.users import credentials

_AT_ONCE = 500


@dataclass(frozen=True)
class Claim:
    """What allowed a request.

    Args:
        user_id: the user, with the ``role`` that their credential allows; ``None`` for a visitor.
        role: of the user.
        session: the digest of the session, for a browser.
        token: the token's id, for a program.
        link_id: the share link that allows to see the circuit, if one does.
        circuit_id: the circuit that the response is about, if it is about one.
        job_id: the job that it is about, if it is about one.
    """

    user_id: str | None = None
    role: Role | None = None
    session: str | None = None
    token: str | None = None
    link_id: str | None = None
    circuit_id: str | None = None
    job_id: str | None = None


def refused(session: Session, claims: Collection[Claim], accounts: bool = True) -> frozenset[Claim]:
    """Return the claims of requests that would be refused now.

    Args:
        session: of the unrestricted database.
        claims: of any number of open streams.
        accounts: whether there are accounts.
    """
    known = credentials.present_roles(session, _given(claims, "session"), _given(claims, "token"))
    works = links.working(session, _given(claims, "link_id"), accounts)
    seeing = [claim for claim in claims if claim.link_id is None and claim.role is not Role.ADMIN]
    circuits = _viewers_of_circuits(session, [claim for claim in seeing if claim.circuit_id is not None])
    jobs = _viewers_of_jobs(session, [claim for claim in seeing if claim.job_id is not None])

    def stands(claim: Claim) -> bool:
        if claim.user_id is not None and known.get(claim.session or claim.token) != (claim.user_id, claim.role):
            return False
        if claim.link_id is not None:
            return claim.link_id in works
        if claim.role is Role.ADMIN:
            return True
        sees_circuit = claim.circuit_id is None or claim.user_id in circuits.get(claim.circuit_id, ())
        return sees_circuit and (claim.job_id is None or claim.user_id in jobs.get(claim.job_id, ()))

    return frozenset(claim for claim in claims if not stands(claim))


def _given(claims: Iterable[Claim], name: str) -> set[str]:
    return {value for claim in claims if (value := getattr(claim, name)) is not None}


def _viewers_of_circuits(session: Session, claims: Collection[Claim]) -> dict[str, frozenset[str]]:
    return job_visibility.viewers_of_circuits(session, _given(claims, "circuit_id"), _given(claims, "user_id"))


def _viewers_of_jobs(session: Session, claims: Collection[Claim]) -> dict[str, frozenset[str]]:
    ids = sorted(_given(claims, "job_id"))
    parts = (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
    found = [row for part in parts for row in session.execute(select(Job.id, Job.kind).where(Job.id.in_(part)))]
    return job_visibility.viewers_of(session, found, _given(claims, "user_id"))
