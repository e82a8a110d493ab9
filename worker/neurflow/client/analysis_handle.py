"""One image through a circuit of a service: which groups it fires, and what happens without them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from neurflow.client import frames
from neurflow.client.service import Json, Service
from neurflow.client.waiting import wait_for

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class AnalysisHandle:
    """An analysis that is done.

    Args:
        service: where it is.
        found: what the service said of it.

    Examples:
        ::

            seen = client.circuit("cat-7k2m9").look("photo.jpg")
            seen.groups().query("fires").sort_values("percentile")
            seen.rank().head()
            seen.knock_out(["layer4.1/3"])
    """

    def __init__(self, service: Service, found: Json) -> None:
        self._service = service
        self._found = found

    @property
    def id(self) -> str:
        """Its id, which stands in addresses."""
        return str(self._found["id"])

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self._found["name"])

    @property
    def reading(self) -> Json:
        """All of it as the API gives it: ``classes``, ``crops``, ``groups`` and more."""
        return dict(self._found["reading"])

    @property
    def url(self) -> str:
        """Its page in the service's interface."""
        return f"{self._service.url}/circuits/{self._found['circuit']['id']}?v=1&analysis={self.id}&panel=image"

    def classes(self) -> pd.DataFrame:
        """The network's first five classes by ``name``: ``index``, ``logit``, ``probability``."""
        return frames.classes(self._found["reading"]["classes"])

    def groups(self) -> pd.DataFrame:
        """The circuit's groups by ``id``: ``layer``, ``score``, ``percentile``, ``fires``, ``silent``, ``usual``."""
        return frames.readings(self._found["reading"]["groups"])

    def place(self, group: str) -> NDArray[np.float64]:
        """Where a group fires, ``(height, width)`` over the part of the image that the network sees, at least 0.

        Raises:
            KeyError: there is no such group.
        """
        import numpy as np

        places = {one["id"]: one["place"] for one in self._found["reading"]["groups"]}
        place = places[group]
        steps = np.frombuffer(base64.b64decode(place["values"]), np.uint8).astype(np.float64)
        return np.asarray(steps.reshape(place["height"], place["width"]) / 255 * place["highest"])

    def rank(self, class_name: str | None = None) -> pd.DataFrame:
        """All groups below the class by how much their knock-out lowers its logit; by default the predicted class's."""
        return frames.ranking(self._measured("ranking", **{"class": class_name})["groups"])

    def knock_out(
        self, groups: Mapping[str, float] | Iterable[str], random_sets: int = 20, seed: int = 0
    ) -> pd.DataFrame:
        """What happens to the classes when groups are knocked out, or scaled by a factor, beside random neurons."""
        factors = dict(groups) if isinstance(groups, Mapping) else dict.fromkeys(groups, 0.0)
        wanted = [{"group": group, "factor": factor} for group, factor in factors.items()]
        return frames.changes(self._measured("knock_out", groups=wanted, random_sets=random_sets, seed=seed)["classes"])

    def picture(self) -> bytes:
        """The image as the bytes of a WebP file, longest side at most 768 pixels."""
        return self._service.read(self._found["picture"])

    def delete(self) -> None:
        """Deletes it with its image and all that was measured of it."""
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


def looked_at(service: Service, found: Json, progress: bool) -> AnalysisHandle:
    """An analysis once it is done.

    Raises:
        JobFailed: the image could not be looked at; the message says why.
    """
    if found["state"] != "succeeded":
        wait_for(service, found["job"]["id"], progress, None)
        found = service.get("analyses", found["id"])
    return AnalysisHandle(service, found)
