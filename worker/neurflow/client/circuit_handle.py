"""One circuit of a service: wait for it, and get its groups, edges, exemplars and figure."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from neurflow.client import data_frames
from neurflow.client.analysis_handle import AnalysisHandle, wait_for_analysis
from neurflow.client.service import Json, Service
from neurflow.client.waiting import wait_for
from neurflow.terms.errors import ClientError, StorageError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Form = Literal["zip", "json", "graphml", "csv", "attribution-graph"]
_EDGES_AT_ONCE: Final = 5000
_SUFFIXES: Final[dict[str, Form]] = {".zip": "zip", ".json": "json", ".graphml": "graphml"}


class CircuitHandle:
    """A circuit by its id. Every method requests the current data from the service.

    Args:
        service: the service.
        card: the service's latest JSON of the circuit.

    Examples:
        ::

            circuit = client.circuit("cat-7k2m9").wait()
            circuit.groups().sort_values("contribution")
            circuit.exemplars("layer4.1/3")
            circuit.figure().savefig("cat.png")
            circuit.analyse("photo.jpg").groups()
            circuit.download("cat.zip")
    """

    def __init__(self, service: Service, card: Json) -> None:
        self._service = service
        self._card = card

    @property
    def id(self) -> str:
        """Its id, as in URLs."""
        return str(self._card["id"])

    @property
    def name(self) -> str:
        """Its display name."""
        return str(self._card["name"])

    @property
    def class_name(self) -> str:
        """The class of the circuit."""
        return str(self._card["class"])

    @property
    def url(self) -> str:
        """The URL of the circuit in the service's API."""
        return f"{self._service.url}/api/v1/circuits/{self.id}"

    def job(self) -> Json:
        """Return its latest job: ``state``, ``stage``, ``fraction``, ``remaining_seconds``, ``problem`` and more."""
        return self._service.get("jobs", self._card["job"]["id"])

    @property
    def state(self) -> str:
        """``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``."""
        self._card["state"] = self.job()["state"]
        return str(self._card["state"])

    def wait(self, progress: bool = True, timeout: float | None = None) -> Self:
        """Wait until it is computed.

        Args:
            progress: show a progress bar.
            timeout: seconds after which to stop waiting; the computation continues.

        Returns:
            The circuit itself.

        Raises:
            JobFailed: it could not be computed, or was cancelled; the message says why.
            TimeoutError: it is not computed after ``timeout`` seconds.
        """
        self._card["state"] = wait_for(self._service, self._card["job"]["id"], progress, timeout)["state"]
        return self

    def cancel(self) -> None:
        """Cancel its job, if the job has not ended."""
        self._service.post("jobs", self._card["job"]["id"], "cancel")

    def recompute(self) -> Self:
        """Queue it to be computed again; the present result is kept until then."""
        self._card = self._service.post("circuits", self.id, "recompute")
        return self

    def rename(self, name: str) -> Self:
        """Rename it; its id does not change."""
        self._card = self._service.patch("circuits", self.id, body={"name": name})
        return self

    def delete(self) -> None:
        """Delete it with everything stored for it."""
        self._service.delete("circuits", self.id)

    def overview(self) -> Json:
        """Return its parameters, ``layers``, ``groups``, ``edges``, and the ``result`` with its report and timings."""
        self._card = self._service.get("circuits", self.id)
        return dict(self._card)

    def groups(self) -> pd.DataFrame:
        """Return its neuron groups by ``id``, from low to high."""
        return data_frames.groups(self._result())

    def edges(self) -> pd.DataFrame:
        """Return its edges: ``source``, ``target``, ``weight``, ``positive``, ``negative``."""
        self._result()
        return data_frames.edges(self._service.items("circuits", self.id, "edges", limit=_EDGES_AT_ONCE))

    def exemplars(self, group: str | None = None) -> pd.DataFrame:
        """Return the exemplars of one group, such as ``"layer4.1/3"``, or of all groups, with one request per group."""
        names = [group] if group is not None else [each["id"] for each in self._result()["groups"]]
        found = {
            name: list(self._service.items("circuits", self.id, "groups", *_place(name), "exemplars")) for name in names
        }
        return data_frames.exemplars(found)

    def analyse(self, image: Path | str, name: str | None = None, progress: bool = True) -> AnalysisHandle:
        """Upload an image and analyse it with the circuit: which groups fire, and where.

        Args:
            image: an image file.
            name: display name; by default the file's name.
            progress: show a progress bar if it takes longer than a moment.

        Raises:
            ClientError: the service rejects the file; the message says why.
            JobFailed: the image could not be read.
        """
        fields = {"circuit": self.id, "name": name}
        found = self._service.upload("uploads", "analyses", file=Path(image), fields=fields)
        return wait_for_analysis(self._service, found, progress)

    def analyses(self) -> Iterator[AnalysisHandle]:
        """Iterate over the finished analyses of images in the circuit, newest first."""
        for card in self._service.items("analyses", circuit=self.id):
            if card["computed_at"] is not None:
                yield AnalysisHandle(self._service, self._service.get("analyses", card["id"]))

    def picture(self, address: str) -> bytes:
        """Return a picture named by :meth:`exemplars` or :meth:`groups`, as WebP."""
        return self._service.read(address)

    def figure(self, groups_per_layer: int = 6, exemplars: int = 3) -> Figure:
        """Draw its layers from the bottom up, with their groups by contribution and the edges between them.

        Args:
            groups_per_layer: maximum number of groups per layer.
            exemplars: maximum number of exemplars per group.
        """
        from neurflow.client.figure import draw

        overview = self._result()
        sprites = {
            layer["name"]: self._service.read(layer["sprite"]) for layer in overview["layers"] if layer["sprite"]
        }
        return draw(overview, sprites, groups_per_layer, exemplars)

    def download(self, path: Path | str, form: Form | None = None) -> Path:
        """Save it as a file; an existing file is replaced.

        Args:
            path: path of the file.
            form: ``zip`` for everything, which can be imported again; ``json`` for ``circuit.json``; ``graphml``;
                ``csv`` for tables in a zip file; ``attribution-graph``. By default chosen by the path's suffix.

        Returns:
            The path.

        Raises:
            StorageError: the file cannot be written.
        """
        path = Path(path)
        chosen = form or _SUFFIXES.get(path.suffix.lower())
        if chosen is None:
            raise ClientError("No format", f"the format of {path.name!r} is unclear: pass form=, such as form='zip'")
        aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        try:
            with aside.open("xb") as stream, self._service.chunks("circuits", self.id, "export", chosen) as chunks:
                for chunk in chunks:
                    stream.write(chunk)
            aside.replace(path)
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from error
        finally:
            with suppress(OSError):
                aside.unlink()
        return path

    def _result(self) -> Json:
        overview = self.overview()
        if overview["result"] is None:
            raise ClientError("No result yet", f"circuit {self.id} is {overview['state']}: call wait() first")
        return overview

    def __repr__(self) -> str:
        return f"<circuit {self.id} {self.name!r} {self._card['state']}>"


def _place(group: str) -> tuple[str, str]:
    layer, _, number = group.rpartition("/")
    return layer, number
