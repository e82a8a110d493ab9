"""Access rules: one row for every route, by operation id. A route without a row prevents the server from starting.

1. ``least`` is the lowest role that may use the route; ``None`` allows everyone, without signing in.
2. ``kind`` is what ``{id}`` in the path names. Users who cannot see the object get 404, as if it did not exist; users
   who can see it but not change it get 403 if ``changes`` is set. :mod:`neurflow_store.visibility` decides both.
3. Lists and events omit what the user cannot see; so do ids in bodies and queries.
4. ``action`` is the name in the activity log, written after success.

Without accounts (``auth`` is ``none`` or ``proxy``) there is one local user who may do everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from neurflow_store.tables import (
    Analysis,
    Base,
    Circuit,
    Dataset,
    Evaluation,
    Job,
    Measurement,
    Network,
    Role,
)

_V, _E, _A = Role.VIEWER, Role.EDITOR, Role.ADMIN


class Counted(StrEnum):
    """What is rate-limited; the value appears in the error message."""

    UPLOAD = "uploads"
    LINK = "new links"
    OPENING = "requests through links"
    """Counted by address, because visitors may have no account."""


@dataclass(frozen=True)
class Rule:
    """Who may use a route."""

    least: Role | None
    kind: type[Base] | None = None
    changes: bool = False
    action: str | None = None
    counts: Counted | None = None
    """The rate limit that applies."""
    asks_who: bool = False
    """Whether to identify the user of a public route: a link can require an account."""
    browser: bool = False
    """Whether a session is required: a token must not create tokens or change a password."""


KINDS: Final[Mapping[type[Base], str]] = {
    Analysis: "analysis",
    Circuit: "circuit",
    Dataset: "data set",
    Evaluation: "evaluation",
    Job: "job",
    Measurement: "measurement",
    Network: "network",
}
"""What ``{id}`` can name, in words."""

RULES: Final[Mapping[str, Rule]] = {
    # circuits
    "list_circuits": Rule(_V),
    "request_circuit": Rule(_E, action="circuit.create"),
    "request_batch": Rule(_E, action="circuit.batch"),
    "estimate_circuit": Rule(_V),
    "get_circuit": Rule(_V, Circuit),
    "compare_visibility": Rule(_V, Circuit),
    "change_circuit": Rule(_E, Circuit, changes=True, action="circuit.change"),
    "delete_circuit": Rule(_E, Circuit, changes=True, action="circuit.delete"),
    "recompute_circuit": Rule(_E, Circuit, changes=True, action="circuit.recompute"),
    "get_circuit_preview": Rule(_V, Circuit),
    "list_circuit_images": Rule(_V, Circuit),
    "list_circuit_edges": Rule(_V, Circuit),
    "get_group": Rule(_V, Circuit),
    "list_exemplars": Rule(_V, Circuit),
    "get_group_members": Rule(_V, Circuit),
    "get_edge": Rule(_V, Circuit),
    "get_neuron": Rule(_V, Circuit),
    "get_patch": Rule(_V, Circuit),
    "export_circuit": Rule(_V, Circuit),
    "get_circuit_file": Rule(_V, Circuit),
    "import_circuit": Rule(_E, action="circuit.import", counts=Counted.UPLOAD),
    # networks and data sets
    "list_networks": Rule(_V),
    "register_network": Rule(_E, action="network.create"),
    "get_network": Rule(_V, Network),
    "list_classes": Rule(_V, Network),
    "change_network": Rule(_E, Network, changes=True, action="network.change"),
    "delete_network": Rule(_E, Network, changes=True, action="network.delete"),
    "inspect_network": Rule(_E, Network, changes=True, action="network.inspect"),
    "upload_network": Rule(_E, action="network.upload", counts=Counted.UPLOAD),
    "list_datasets": Rule(_V),
    "register_dataset": Rule(_E, action="dataset.create"),
    "get_dataset": Rule(_V, Dataset),
    "change_dataset": Rule(_E, Dataset, changes=True, action="dataset.change"),
    "delete_dataset": Rule(_E, Dataset, changes=True, action="dataset.delete"),
    "inspect_dataset": Rule(_E, Dataset, changes=True, action="dataset.inspect"),
    "list_dataset_images": Rule(_V, Dataset),
    "get_dataset_image": Rule(_V, Dataset),
    "upload_dataset": Rule(_E, action="dataset.upload", counts=Counted.UPLOAD),
    "list_evaluations": Rule(_V),
    "request_evaluation": Rule(_E, action="evaluation.create"),
    "get_evaluation": Rule(_V, Evaluation),
    # views, links, labels and notes
    "list_views": Rule(_V),
    "create_view": Rule(_V, action="view.create"),
    "get_view": Rule(_V),
    "change_view": Rule(_V, action="view.change"),
    "remove_view": Rule(_V, action="view.delete"),
    "fork_view": Rule(_V, action="view.fork"),
    "get_view_picture": Rule(_V),
    "put_view_picture": Rule(_V),
    "get_provenance": Rule(_V),
    "list_links": Rule(_E),
    "create_link": Rule(_E, action="view.share", counts=Counted.LINK),
    "remove_link": Rule(_V, action="view.unshare"),
    "list_circuit_links": Rule(_E, Circuit, changes=True),
    "remove_circuit_link": Rule(_E, Circuit, changes=True, action="circuit.unshare"),
    "list_labels": Rule(_V, Circuit),
    "put_label": Rule(_E, Circuit, action="circuit.label"),
    "list_label_history": Rule(_V, Circuit),
    "list_notes": Rule(_V, Circuit),
    "post_note": Rule(_V, Circuit, action="circuit.note"),
    "get_note": Rule(_V, Circuit),
    "answer_note": Rule(_V, Circuit, action="circuit.note"),
    "edit_note": Rule(_V, Circuit),
    "remove_note": Rule(_V, Circuit, action="circuit.note_delete"),
    "resolve_note": Rule(_V, Circuit),
    "reopen_note": Rule(_V, Circuit),
    "watch_circuit": Rule(_V, Circuit),
    "open_shared": Rule(None, asks_who=True, counts=Counted.OPENING),
    "show_shared": Rule(None, asks_who=True, counts=Counted.OPENING),
    "show_embedded": Rule(None, asks_who=True, counts=Counted.OPENING),
    "get_shared_picture": Rule(None, asks_who=True, counts=Counted.OPENING),
    # analyses and measurements
    "upload_analysis": Rule(_E, action="analysis.upload", counts=Counted.UPLOAD),
    "list_analyses": Rule(_V),
    "request_analysis": Rule(_E, action="analysis.create"),
    "get_analysis": Rule(_V, Analysis),
    "rename_analysis": Rule(_E, Analysis, changes=True, action="analysis.change"),
    "delete_analysis": Rule(_E, Analysis, changes=True, action="analysis.delete"),
    "repeat_analysis": Rule(_E, Analysis, changes=True, action="analysis.repeat"),
    "get_analysis_picture": Rule(_V, Analysis),
    "get_difference": Rule(_V, Analysis),
    "get_disagreement": Rule(_V, Analysis),
    "export_analysis": Rule(_V, Analysis),
    "list_measurements": Rule(_V),
    "request_measurement": Rule(_E, action="measurement.create"),
    "get_measurement": Rule(_V, Measurement),
    # jobs
    "list_jobs": Rule(_V),
    "get_job": Rule(_V, Job),
    "cancel_job": Rule(_E, Job, changes=True, action="job.cancel"),
    "watch_job": Rule(_V, Job),
    "watch_all_jobs": Rule(_V),
    # accounts
    "get_me": Rule(_V),
    "change_my_password": Rule(_V, browser=True),
    "list_users": Rule(_A),
    "add_user": Rule(_A),
    "change_user": Rule(_A),
    "reset_user": Rule(_A),
    "list_user_tokens": Rule(_A),
    "revoke_user_token": Rule(_A),
    "revoke_user_tokens": Rule(_A),
    "list_tokens": Rule(_V),
    "make_token": Rule(_V, browser=True),
    "revoke_token": Rule(_V, browser=True),
    "list_spaces": Rule(_V),
    "make_space": Rule(_E),
    "get_space": Rule(_V),
    "put_member": Rule(_E),
    "remove_member": Rule(_V),
    "list_activity": Rule(_V),
    # files by digest, for users who can see something that refers to them
    "get_artifact": Rule(_V),
    # pages
    "show_gallery": Rule(_V),
    "show_new_circuit": Rule(_V),
    "show_circuit": Rule(_V),
    "show_networks": Rule(_V),
    "show_network": Rule(_V),
    "show_datasets": Rule(_V),
    "show_dataset": Rule(_V),
    "show_account": Rule(_V),
    "show_users": Rule(_A),
    "show_activity": Rule(_V),
    "show_glossary": Rule(None),
    "show_login": Rule(None),
    "log_in": Rule(None),
    "show_logout": Rule(None),
    "log_out": Rule(None),
    "start_oidc": Rule(None),
    "finish_oidc": Rule(None),
    # for operators of the service
    "is_alive": Rule(None),
    "is_ready": Rule(None),
    "read_metrics": Rule(_A),
}


@dataclass(frozen=True)
class Guarded:
    """A route with its rule."""

    name: str
    methods: frozenset[str]
    pattern: re.Pattern[str]
    rule: Rule


def guarded_routes(app: FastAPI) -> Sequence[Guarded]:
    """Return all routes of ``app`` in order, each with its rule.

    Raises:
        RuntimeError: a route has no rule, or a rule has no route.
    """
    found = list(_routes(app))
    names = {route.name for route in found}
    missing, idle = names - RULES.keys(), RULES.keys() - names
    if missing or idle:
        words = f"routes without a rule: {sorted(missing)}; rules without a route: {sorted(idle)}"
        raise RuntimeError(f"the rules in neurflow_server.access do not match the routes: {words}")
    return [Guarded(route.name, frozenset(route.methods), route.path_regex, RULES[route.name]) for route in found]


def _routes(app: FastAPI) -> Iterator[Any]:
    for context in iter_route_contexts(app.router.routes):
        if isinstance(context.original_route, APIRoute):
            yield context
