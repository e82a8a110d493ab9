"""Pages that need no script: the gallery of circuits, and one circuit as text and pictures."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from neurflow_server.services import addresses
from neurflow_server.services.circuits import gallery
from neurflow_server.services.graph_cache import GraphCache
from neurflow_server.services.overview import overview
from neurflow_store.errors import NotFound
from neurflow_store.repositories.circuits import Wanted
from neurflow_store.repositories.exemplars import nearest_pictures
from neurflow_store.repositories.jobs import OPEN

STATIC: Final = Path(__file__).parent / "static"
_CARDS: Final = 24
_PICTURES: Final = 6
_EDGES: Final = 8
_REFRESH_SECONDS: Final = 3


@dataclass(frozen=True)
class Ends:
    """Some edges of a group, the heaviest first, and how many more there are."""

    shown: Sequence[Mapping[str, Any]]
    more: int


@dataclass(frozen=True)
class GroupView:
    """A group as the page shows it: ``node`` is that of the overview."""

    node: Mapping[str, Any]
    pictures: Sequence[str]
    below: Ends
    above: Ends


@dataclass(frozen=True)
class LayerView:
    """A layer's name, and its groups, those that contribute most first."""

    name: str
    groups: Sequence[GroupView]


def gallery_page(session: Session, cursor: str | None) -> HTMLResponse:
    """Circuits as cards, the newest first."""
    page = gallery(session, Wanted(), "created_at", True, cursor, _CARDS)
    refresh = _REFRESH_SECONDS if any(card["state"] in OPEN for card in page["items"]) else None
    return _page("gallery.html", page=page, first=cursor is None, refresh=refresh)


def circuit_page(session: Session, circuit_id: str, graphs: GraphCache) -> HTMLResponse:
    """One circuit: its layers from the class downwards, each group with its exemplars and edges."""
    try:
        found = json.loads(overview(session, circuit_id, graphs))
    except NotFound as error:
        return _page("missing.html", status=404, message=str(error), refresh=None)
    pictures = nearest_pictures(session, circuit_id, _PICTURES)
    refresh = _REFRESH_SECONDS if found["state"] in OPEN else None
    return _page("circuit.html", circuit=found, layers=_layers(found, pictures), refresh=refresh)


def _layers(found: Mapping[str, Any], pictures: Mapping[str, Sequence[str]]) -> list[LayerView]:
    below, above = _by_end(found["edges"], "target"), _by_end(found["edges"], "source")
    groups = defaultdict(list)
    for node in sorted(found["groups"], key=lambda node: -abs(node["contribution"])):
        shown = [addresses.artifact(digest) for digest in pictures.get(node["id"], ())]
        groups[node["layer"]].append(GroupView(node, shown, _ends(below[node["id"]]), _ends(above[node["id"]])))
    return [LayerView(layer["name"], groups[layer["name"]]) for layer in reversed(found["layers"])]


def _by_end(edges: Iterable[Mapping[str, Any]], end: str) -> Mapping[str, list[Mapping[str, Any]]]:
    ordered = defaultdict(list)
    for edge in edges:
        ordered[edge[end]].append(edge)
    return ordered


def _ends(edges: Sequence[Mapping[str, Any]]) -> Ends:
    heaviest = sorted(edges, key=lambda edge: -abs(edge["weight"]))
    return Ends(heaviest[:_EDGES], max(0, len(heaviest) - _EDGES))


def _page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(_templates().get_template(template).render(values), status_code=status)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"signed": _signed, "percent": _percent, "duration": _duration}
    return environment


def _signed(number: float, digits: int = 2) -> str:
    """With a sign that is as wide as a plus."""
    return f"{number:+.{digits}f}".replace("-", "−")


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.0f} %"


def _duration(seconds: float) -> str:
    """In the unit that it is told in.

    >>> _duration(21.4), _duration(200), _duration(9000)
    ('21 s', '3 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
