"""One circuit of a service: waited for, and looked at."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from neurflow.client import frames
from neurflow.client.analysis_handle import AnalysisHandle, looked_at
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
    """A circuit by its id. What is asked of it is asked of the service each time.

    Args:
        service: where it is.
        card: what the service last said of it.

    Examples:
        ::

            circuit = client.circuit("cat-7k2m9").wait()
            circuit.groups().sort_values("contribution")
            circuit.exemplars("layer4.1/3")
            circuit.figure().savefig("cat.png")
            circuit.look("photo.jpg").groups()
            circuit.download("cat.zip")
    """

    def __init__(self, service: Service, card: Json) -> None:
        self._service = service
        self._card = card

    @property
    def id(self) -> str:
        """Its id, which stands in addresses."""
        return str(self._card["id"])

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self._card["name"])

    @property
    def class_name(self) -> str:
        """The class whose circuit it is."""
        return str(self._card["class"])

    @property
    def url(self) -> str:
        """Its address in the service's interface."""
        return f"{self._service.url}/api/v1/circuits/{self.id}"

    def job(self) -> Json:
        """Its latest job: ``state``, ``stage``, ``fraction``, ``remaining_seconds``, ``problem`` and more."""
        return self._service.get("jobs", self._card["job"]["id"])

    @property
    def state(self) -> str:
        """``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``."""
        self._card["state"] = self.job()["state"]
        return str(self._card["state"])

    def wait(self, progress: bool = True, timeout: float | None = None) -> Self:
        """Waits until it is computed.

        Args:
            progress: whether to show a bar.
            timeout: seconds after which to give up waiting; it goes on all the same.

        Returns:
            The circuit itself.

        Raises:
            JobFailed: it could not be computed, or was cancelled; the message says why.
            TimeoutError: it is not computed after ``timeout`` seconds.
        """
        self._card["state"] = wait_for(self._service, self._card["job"]["id"], progress, timeout)["state"]
        return self

    def cancel(self) -> None:
        """Stops its job, if that has not ended."""
        self._service.post("jobs", self._card["job"]["id"], "cancel")

    def recompute(self) -> Self:
        """Has it computed again; the present result stays until then."""
        self._card = self._service.post("circuits", self.id, "recompute")
        return self

    def rename(self, name: str) -> Self:
        """Gives it another name; its id stays."""
        self._card = self._service.patch("circuits", self.id, body={"name": name})
        return self

    def delete(self) -> None:
        """Deletes it, with all that is stored of it."""
        self._service.delete("circuits", self.id)

    def overview(self) -> Json:
        """The whole of it: what was asked for, ``layers``, ``groups``, ``edges``, the ``result``'s report and times."""
        self._card = self._service.get("circuits", self.id)
        return dict(self._card)

    def groups(self) -> pd.DataFrame:
        """Its neuron groups by ``id``, from low to high."""
        return frames.groups(self._result())

    def edges(self) -> pd.DataFrame:
        """Its edges: ``source``, ``target``, ``weight``, ``positive``, ``negative``."""
        self._result()
        return frames.edges(self._service.items("circuits", self.id, "edges", limit=_EDGES_AT_ONCE))

    def exemplars(self, group: str | None = None) -> pd.DataFrame:
        """The exemplars of one group, such as ``"layer4.1/3"``, or of all: then with a request a group."""
        names = [group] if group is not None else [each["id"] for each in self._result()["groups"]]
        found = {
            name: list(self._service.items("circuits", self.id, "groups", *_place(name), "exemplars")) for name in names
        }
        return frames.exemplars(found)

    def look(self, image: Path | str, name: str | None = None, progress: bool = True) -> AnalysisHandle:
        """Uploads an image and looks at it through the circuit: which groups it fires, and where.

        Args:
            image: a file.
            name: what people call it; by default the file's name.
            progress: whether to show a bar where it takes longer than a moment.

        Raises:
            ClientError: the service does not take the file; the message says why.
            JobFailed: the image could not be looked at.
        """
        fields = {"circuit": self.id, "name": name}
        found = self._service.upload("uploads", "analyses", file=Path(image), fields=fields)
        return looked_at(self._service, found, progress)

    def analyses(self) -> Iterator[AnalysisHandle]:
        """The images that were looked at through it, the newest first."""
        for card in self._service.items("analyses", circuit=self.id):
            if card["computed_at"] is not None:
                yield AnalysisHandle(self._service, self._service.get("analyses", card["id"]))

    def picture(self, address: str) -> bytes:
        """A picture that :meth:`exemplars` or :meth:`groups` name, as the bytes of a WebP file."""
        return self._service.read(address)

    def figure(self, groups_per_layer: int = 6, exemplars: int = 3) -> Figure:
        """Its layers from the bottom up, the groups of each by what they contribute, and the edges between them.

        Args:
            groups_per_layer: most groups of a layer.
            exemplars: most exemplars of a group.
        """
        from neurflow.client.figure import draw

        overview = self._result()
        sprites = {
            layer["name"]: self._service.read(layer["sprite"]) for layer in overview["layers"] if layer["sprite"]
        }
        return draw(overview, sprites, groups_per_layer, exemplars)

    def download(self, path: Path | str, form: Form | None = None) -> Path:
        """Writes it as a file, in the place of one that is there.

        Args:
            path: of the file.
            form: ``zip`` for all of it, which can be imported again; ``json`` for ``circuit.json``; ``graphml``;
                ``csv`` for tables in a zip file; ``attribution-graph``. By default as the path's ending says.

        Returns:
            The path.

        Raises:
            StorageError: the file cannot be written.
        """
        path = Path(path)
        chosen = form or _SUFFIXES.get(path.suffix.lower())
        if chosen is None:
            raise ClientError("No form", f"what to write as {path.name!r} is not clear: say form=")
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
