"""An analysis as a self-contained page: pictures included, no script.

For each group that fires or is silent it shows where in the image, and the traced images' patch that is nearest to the
group's centre. Brightness is quadratic in the activation; full brightness is the highest value, but at least 1.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.orm import Session

from neurflow_server.pages import rendered
from neurflow_server.schemas.analyses import AnalysisOut
from neurflow_server.schemas.readings import GroupReading, PlaceOut, ReadingOut
from neurflow_store.artifacts import ArtifactStore
from neurflow_store.errors import NotFound
from neurflow_store.repositories import analyses

if TYPE_CHECKING:
    from PIL.Image import Image

_SIDE: Final = 240
_MOST_PICTURES: Final = 120
_DARK: Final = 0.25


def report(session: Session, store: ArtifactStore, found: AnalysisOut) -> bytes:
    """Return the page of an analysis that has a reading."""
    # Imported here, so that only requests for reports wait for Pillow.
    from PIL import Image

    reading = found.reading
    assert reading is not None
    data = analyses.picture(session, found.id)
    with Image.open(io.BytesIO(data), formats=("WEBP",)) as opened:
        whole = opened.convert("RGB")
    exemplars = {group.id: group.picture for group in analyses.groups_with_pictures(session, found.circuit.id)}
    top = reading.groups[-1].layer if reading.groups else None
    shown = [group for group in reading.groups if (group.fires or group.silent) and group.layer != top]
    shown.sort(key=lambda group: (not group.fires, -(group.percentile or 0), -group.score))
    groups = [
        {
            "reading": group,
            "overlay": _overlay(whole, reading, group),
            "exemplar": _exemplar(store, exemplars, group.id),
        }
        for group in shown[:_MOST_PICTURES]
    ]
    page = rendered(
        "analysis.html",
        analysis=found,
        reading=reading,
        groups=groups,
        left_out=max(0, len(shown) - _MOST_PICTURES),
        picture=_address(data),
    )
    return page.encode()


def _overlay(whole: Image, reading: ReadingOut, group: GroupReading) -> str:
    """Return the image, bright where a group fires and dark elsewhere."""
    from PIL import Image

    small = whole.copy()
    small.thumbnail((_SIDE, _SIDE))
    across, down = small.width / reading.width, small.height / reading.height
    area = reading.area
    left, top = round(area.left * across), round(area.top * down)
    right, bottom = max(left + 1, round(area.right * across)), max(top + 1, round(area.bottom * down))
    mask = Image.new("L", small.size, 0)
    mask.paste(_brightness(group.place).resize((right - left, bottom - top), Image.Resampling.BICUBIC), (left, top))
    dark = small.point(lambda value: value * _DARK)
    return _address(_webp(Image.composite(small, dark, mask)))


def _brightness(place: PlaceOut) -> Image:
    from PIL import Image

    cells = Image.frombytes("L", (place.width, place.height), base64.b64decode(place.values))
    share = place.highest / max(1.0, place.highest)
    return cells.point(lambda value: (value / 255 * share) ** 2 * 255)


def _exemplar(store: ArtifactStore, known: Mapping[str, Any], id: str) -> str | None:
    digest = known.get(id)
    if digest is None:
        return None
    try:
        with store.open(digest) as stream:
            return _address(stream.read())
    except NotFound:
        return None  # the report is useful without it


def _webp(picture: Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "WEBP", quality=80, method=2)
    return stream.getvalue()


def _address(data: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"
