"""The client: list, request, upload and share what a service holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from neurflow.client.circuit_handle import CircuitHandle
from neurflow.client.iframe import IFrame
from neurflow.client.service import Json, Service
from neurflow.client.waiting import wait_for


class Client:
    """A connection to a NeurFlow Explorer service.

    Methods accept a network or data set by its id or as returned by :meth:`networks` and :meth:`datasets`. Errors are
    :class:`neurflow.terms.errors.ClientError`; the message says what is wrong and what to do.

    Args:
        url: URL of the service.
        timeout: seconds without an answer after which a request fails. It does not limit waiting for circuits.
        token: API token, if the service has accounts; create one with ``POST /api/v1/tokens``.

    Raises:
        ModuleNotFoundError: httpx2 is not installed: ``pip install 'neurflow-explorer[client]'``.

    Examples:
        ::

            with neurflow.Client() as client:
                circuit = client.request("photos-2m9x4", "demo-4tqw1", "cat", images=30)
                circuit.wait()
                circuit.groups()  # a data frame
                circuit.figure()
    """

    def __init__(self, url: str = "http://127.0.0.1:8000", timeout: float = 30.0, *, token: str | None = None) -> None:
        self._service = Service(url, timeout, token)

    @property
    def url(self) -> str:
        """The URL of the service."""
        return self._service.url

    def networks(self) -> list[Json]:
        """Return the registered networks, newest first: ``id``, ``name``, ``spec``, ``state`` and more of each."""
        return list(self._service.items("networks"))

    def network(self, network: str | Json) -> Json:
        """Return one network with its ``classes`` and ``layers``."""
        return self._service.get("networks", _id(network))

    def datasets(self) -> list[Json]:
        """Return the registered data sets, newest first: ``id``, ``name``, ``spec``, ``state`` and more of each."""
        return list(self._service.items("datasets"))

    def dataset(self, dataset: str | Json) -> Json:
        """Return one data set with its ``classes``."""
        return self._service.get("datasets", _id(dataset))

    def class_map(self, dataset: str | Json) -> dict[str, str]:
        """Return a data set's class map: the class that each label with another name means."""
        return dict(self.dataset(dataset)["class_map"])

    def set_class_map(self, dataset: str | Json, class_map: Mapping[str, str]) -> Json:
        """Replace a data set's class map and return the data set; an empty map removes it.

        Args:
            dataset: the data set.
            class_map: a class name for each label, such as ``{"kitty": "cat"}``.

        Raises:
            ClientError: the data set has no such label, or a class name is empty.
        """
        return self._service.patch("datasets", _id(dataset), body={"class_map": dict(class_map)})

    def circuits(self, **filters: Any) -> Iterator[CircuitHandle]:
        """Iterate over the circuits; pages are requested as needed.

        Args:
            filters: filters and order, as in ``GET /api/v1/circuits``: ``network=…``, ``class_name="cat"``,
                ``state="succeeded"`` and others.
        """
        if "class_name" in filters:
            filters["class"] = filters.pop("class_name")
        for name in filters.keys() & {"network", "dataset"}:
            filters[name] = _id(filters[name])
        for card in self._service.items("circuits", **filters):
            yield CircuitHandle(self._service, card)

    def circuit(self, id: str) -> CircuitHandle:
        """Return the circuit with an id such as ``cat-7k2m9``."""
        return CircuitHandle(self._service, self._service.get("circuits", id))

    def request(
        self, network: str | Json, data: str | Json, class_name: str, *, name: str | None = None, **parameters: Any
    ) -> CircuitHandle:
        """Request the circuit of a class: an existing one, or a new one that is queued.

        Args:
            network: the network.
            data: the data set whose images are traced.
            class_name: one of the network's classes.
            name: display name.
            parameters: parameters of the trace as in :class:`neurflow.TraceParameters`, such as ``images=30``.
        """
        body = {**_request(network, data, parameters), "class": class_name} | ({} if name is None else {"name": name})
        return CircuitHandle(self._service, self._service.post("circuits", body=body))

    def batch(
        self, network: str | Json, data: str | Json, classes: Iterable[str] | None = None, **parameters: Any
    ) -> list[CircuitHandle]:
        """Request the circuits of many classes, as :meth:`request`; by default all that network and data share."""
        wanted = None if classes is None else list(classes)
        body = _request(network, data, parameters) | {"classes": wanted}
        return [
            CircuitHandle(self._service, card) for card in self._service.post("circuits", "batch", body=body)["items"]
        ]

    def upload_network(
        self,
        weights: Path | str,
        spec: str,
        *,
        name: str | None = None,
        classes: Sequence[str] | None = None,
        visibility: str | None = None,
        progress: bool = True,
    ) -> Json:
        """Register a network with uploaded weights and wait until the service has inspected it.

        Args:
            weights: a safetensors file that fits ``spec``.
            spec: the architecture, such as ``torchvision/resnet50``.
            name: display name.
            classes: class names in output order.
            visibility: who can see it, in addition to its owner: ``private``, ``team`` or ``public``.
            progress: show a progress bar.
        """
        fields = {"spec": spec, "name": name, "classes": None if classes is None else "\n".join(classes)}
        fields["visibility"] = visibility
        found = self._service.upload("uploads", "networks", file=Path(weights), fields=fields)
        return self._wait_until_inspected("networks", found, progress)

    def upload_dataset(
        self, archive: Path | str, *, name: str | None = None, visibility: str | None = None, progress: bool = True
    ) -> Json:
        """Register a data set and wait until the service has inspected it.

        Args:
            archive: zip file of class folders with images.
            name: display name.
            visibility: as in :meth:`upload_network`.
            progress: show a progress bar.
        """
        fields = {"name": name, "visibility": visibility}
        found = self._service.upload("uploads", "datasets", file=Path(archive), fields=fields)
        return self._wait_until_inspected("datasets", found, progress)

    def import_circuit(
        self, archive: Path | str, *, name: str | None = None, visibility: str | None = None, progress: bool = True
    ) -> CircuitHandle:
        """Import a circuit from a zip file: a download, or the zipped folder of ``neurflow trace``.

        ``visibility`` is as in :meth:`upload_network`.
        """
        fields = {"name": name, "visibility": visibility}
        found = self._service.upload("uploads", "circuits", file=Path(archive), fields=fields)
        CircuitHandle(self._service, found).wait(progress=progress)
        return self.circuit(found["id"])

    def views(self, circuit: str | None = None, mine: bool = False) -> list[Json]:
        """Return named views, newest first: ``id``, ``name``, ``circuit``, ``state`` and more of each.

        Args:
            circuit: id of a circuit; only its views are returned.
            mine: return only your own views.
        """
        return list(self._service.items("views", circuit=circuit, mine=mine or None))

    def share(
        self,
        view: str | Json,
        *,
        may_comment: bool = False,
        anonymous: bool = True,
        expires_at: datetime | None = None,
    ) -> Json:
        """Create a link to a view. Its ``address`` is returned only this once.

        Args:
            view: id of a view, or a view from :meth:`views`.
            may_comment: allow visitors with the link to write notes.
            anonymous: allow visitors without an account.
            expires_at: when the link expires, a time with its zone.
        """
        end = None if expires_at is None else expires_at.isoformat()
        body = {"may_comment": may_comment, "anonymous": anonymous, "expires_at": end}
        return self._service.post("views", _id(view), "links", body=body)

    def show(self, view: str | Json, *, width: str | int = "100%", height: int = 640) -> IFrame:
        """Show a view in a notebook. The service's setting ``frame_ancestors`` must contain the notebook's address.

        Args:
            view: a link from :meth:`share`; or a view, for which a link is created that expires after a day.
            width: width of the frame.
            height: height of the frame in pixels.
        """
        link = view if isinstance(view, dict) and "token" in view else None
        if link is None:
            link = self.share(view, expires_at=datetime.now(UTC) + timedelta(days=1))
        return IFrame(f"{self.url}/embed/{link['token']}", width, height)

    def close(self) -> None:
        """Close the connection."""
        self._service.close()

    def _wait_until_inspected(self, kind: str, found: Json, progress: bool) -> Json:
        wait_for(self._service, found["job"]["id"], progress, None)
        return self._service.get(kind, found["id"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<neurflow.Client {self.url}>"


def _id(thing: str | Json) -> str:
    return thing if isinstance(thing, str) else str(thing["id"])


def _request(network: str | Json, data: str | Json, parameters: Json) -> Json:
    return {"network": _id(network), "dataset": _id(data), "parameters": parameters}
