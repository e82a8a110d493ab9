"""One image read through a circuit of a service: which groups fire, and what happens without them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from neurflow.client import data_frames
from neurflow.client.service import Json, Service
from neurflow.client.waiting import wait_for

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class AnalysisHandle:
    """A finished analysis.

    Args:
        service: the service.
        found: the service's JSON of the analysis.

    Examples:
        ::

            seen = client.circuit("cat-7k2m9").analyse("photo.jpg")
            seen.groups().query("fires").sort_values("percentile")
            seen.rank().head()
            seen.knock_out(["layer4.1/3"])
    """

    def __init__(self, service: Service, found: Json) -> None:
        self._service = service
        self._found = found

    @property
    def id(self) -> str:
        """Its id, as in URLs."""
        return str(self._found["id"])

    @property
    def name(self) -> str:
        """Its display name."""
        return str(self._found["name"])

    @property
    def reading(self) -> Json:
        """The whole reading as the API returns it: ``classes``, ``crops``, ``groups`` and more."""
        return dict(self._found["reading"])

    @property
    def url(self) -> str:
        """The URL of its page."""
        return f"{self._service.url}/circuits/{self._found['circuit']['id']}?v=1&analysis={self.id}&panel=image"

    def classes(self) -> pd.DataFrame:
        """The network's five most probable classes by ``name``: ``index``, ``logit``, ``probability``."""
        return data_frames.classes(self._found["reading"]["classes"])

    def groups(self) -> pd.DataFrame:
        """The circuit's groups by ``id``: ``layer``, ``score``, ``percentile``, ``fires``, ``silent``, ``usual``."""
        return data_frames.readings(self._found["reading"]["groups"])

    def place(self, group: str) -> NDArray[np.float64]:
        """Return where a group fires, ``(height, width)`` over the part of the image that the network sees, at least 0.

        Raises:
            KeyError: the group is unknown.
        """
        import numpy as np

        places = {one["id"]: one["place"] for one in self._found["reading"]["groups"]}
        place = places[group]
        steps = np.frombuffer(base64.b64decode(place["values"]), np.uint8).astype(np.float64)
        return np.asarray(steps.reshape(place["height"], place["width"]) / 255 * place["highest"])

    def rank(self, class_name: str | None = None) -> pd.DataFrame:
        """Rank all groups below the class by the drop of a class's logit (default: the predicted one)."""
        return data_frames.ranking(self._measured("ranking", **{"class": class_name})["groups"])

    def knock_out(
        self, groups: Mapping[str, float] | Iterable[str], random_sets: int = 20, seed: int = 0
    ) -> pd.DataFrame:
        """Measure the effect on the classes of knocking out or scaling groups, compared with random neurons."""
        factors = dict(groups) if isinstance(groups, Mapping) else dict.fromkeys(groups, 0.0)
        wanted = [{"group": group, "factor": factor} for group, factor in factors.items()]
        return data_frames.changes(
            self._measured("knock_out", groups=wanted, random_sets=random_sets, seed=seed)["classes"]
        )

    def picture(self) -> bytes:
        """Return the image as WebP; its longest side is at most 768 pixels."""
        return self._service.read(self._found["picture"])

    def delete(self) -> None:
        """Delete it, with its image and all measurements."""
        self._service.delete("analyses", self.id)

    def _measured(self, kind: str, **asked: Any) -> Json:
        about = {"kind": kind, "circuit": self._found["circuit"]["id"], "analysis": self.id}
        body = about | {name: value for name, value in asked.items() if value is not None}
        found = self._service.post("measurements", body=body)
        if found["state"] != "succeeded":
            wait_for(self._service, found["job"]["id"], progress=False, timeout=None)
            found = self._service.get("measurements", found["id"])
        return dict(found[kind])

    def __repr__(self) -> str:
        return f"<analysis {self.id} {self.name!r}>"


def wait_for_analysis(service: Service, found: Json, progress: bool) -> AnalysisHandle:
    """Wait for an analysis and return it.

    Raises:
        JobFailed: the image could not be read; the message says why.
    """
    if found["state"] != "succeeded":
        wait_for(service, found["job"]["id"], progress, None)
        found = service.get("analyses", found["id"])
    return AnalysisHandle(service, found)
