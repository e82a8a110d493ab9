"""The client: what a service holds, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from neurflow.client.circuit_handle import CircuitHandle
from neurflow.client.frame import Frame
from neurflow.client.service import Json, Service
from neurflow.client.waiting import wait_for


class Client:
    """A connection to a NeurFlow Explorer service.

    A network or a data set is named by its id, or given as :meth:`networks` and :meth:`datasets` give it. Errors are
    :class:`neurflow.terms.errors.ClientError`; their message says what is wrong and what to do.

    Args:
        url: the service's address.
        timeout: seconds of silence after which a request is given up. Waiting for circuits is not bound by it.
        token: an API token, where the service asks who it is; ``POST /api/v1/tokens`` makes one.

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
        """The service's address."""
        return self._service.url

    def networks(self) -> list[Json]:
        """The registered networks, the newest first: ``id``, ``name``, ``spec``, ``state`` and more of each."""
        return list(self._service.items("networks"))

    def network(self, network: str | Json) -> Json:
        """One network with its ``classes`` and ``layers``."""
        return self._service.get("networks", _id(network))

    def datasets(self) -> list[Json]:
        """The registered data sets, the newest first: ``id``, ``name``, ``spec``, ``state`` and more of each."""
        return list(self._service.items("datasets"))

    def dataset(self, dataset: str | Json) -> Json:
        """One data set with its ``classes``."""
        return self._service.get("datasets", _id(dataset))

    def circuits(self, **filters: Any) -> Iterator[CircuitHandle]:
        """The circuits, a page after the other while they are asked for.

        Args:
            filters: what the service filters and sorts by: ``network=…``, ``class_name="cat"``, ``state="succeeded"``
                and others of ``GET /api/v1/circuits``.
        """
        if "class_name" in filters:
            filters["class"] = filters.pop("class_name")
        for name in filters.keys() & {"network", "dataset"}:
            filters[name] = _id(filters[name])
        for card in self._service.items("circuits", **filters):
            yield CircuitHandle(self._service, card)

    def circuit(self, id: str) -> CircuitHandle:
        """The circuit with an id such as ``cat-7k2m9``."""
        return CircuitHandle(self._service, self._service.get("circuits", id))

    def request(
        self, network: str | Json, data: str | Json, class_name: str, *, name: str | None = None, **parameters: Any
    ) -> CircuitHandle:
        """A class's circuit: one that is there already, or one that begins to be computed.

        Args:
            network: whose circuit.
            data: the data set whose images are traced.
            class_name: one of the network's classes.
            name: what people call it.
            parameters: of the trace, as :class:`neurflow.TraceParameters` has them, such as ``images=30``.
        """
        body = {**_request(network, data, parameters), "class": class_name} | ({} if name is None else {"name": name})
        return CircuitHandle(self._service, self._service.post("circuits", body=body))

    def batch(
        self, network: str | Json, data: str | Json, classes: Iterable[str] | None = None, **parameters: Any
    ) -> list[CircuitHandle]:
        """The circuits of many classes, each as by :meth:`request`; of all that network and data share by default."""
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
        progress: bool = True,
    ) -> Json:
        """Registers a network with weights of its own, and waits until the service has looked at it.

        Args:
            weights: a safetensors file that fits ``spec``.
            spec: the architecture, such as ``torchvision/resnet50``.
            name: what people call it.
            classes: names in output order.
            progress: whether to show a bar.
        """
        fields = {"spec": spec, "name": name, "classes": None if classes is None else "\n".join(classes)}
        found = self._service.upload("uploads", "networks", file=Path(weights), fields=fields)
        return self._looked_at("networks", found, progress)

    def upload_dataset(self, archive: Path | str, *, name: str | None = None, progress: bool = True) -> Json:
        """Registers a data set, and waits until the service has looked at it.

        Args:
            archive: a zip file of class folders of images.
            name: what people call it.
            progress: whether to show a bar.
        """
        found = self._service.upload("uploads", "datasets", file=Path(archive), fields={"name": name})
        return self._looked_at("datasets", found, progress)

    def import_circuit(self, archive: Path | str, *, name: str | None = None, progress: bool = True) -> CircuitHandle:
        """Takes in a circuit, a zip file of what :meth:`CircuitHandle.download` or ``neurflow trace`` wrote."""
        found = self._service.upload("uploads", "circuits", file=Path(archive), fields={"name": name})
        CircuitHandle(self._service, found).wait(progress=progress)
        return self.circuit(found["id"])

    def views(self, circuit: str | None = None, mine: bool = False) -> list[Json]:
        """Named views, the newest first: ``id``, ``name``, ``circuit``, ``state`` and more of each.

        Args:
            circuit: the id of a circuit, for its views alone.
            mine: one's own alone.
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
        """A link to a view: its ``address`` is to be given to others, and is told this once.

        Args:
            view: by its id, or as :meth:`views` gives it.
            may_comment: whether who comes by it may write notes.
            anonymous: whether no account is asked for.
            expires_at: when it ends, a time with its zone.
        """
        end = None if expires_at is None else expires_at.isoformat()
        body = {"may_comment": may_comment, "anonymous": anonymous, "expires_at": end}
        return self._service.post("views", _id(view), "links", body=body)

    def show(self, view: str | Json, *, width: str | int = "100%", height: int = 640) -> Frame:
        """A view in a notebook. The service's setting ``frame_ancestors`` has to name the notebook's address.

        Args:
            view: what :meth:`share` gave; or a view, to which a link is then made that ends after a day.
            width: of the frame.
            height: of the frame in pixels.
        """
        link = view if isinstance(view, dict) and "token" in view else None
        if link is None:
            link = self.share(view, expires_at=datetime.now(UTC) + timedelta(days=1))
        return Frame(f"{self.url}/embed/{link['token']}", width, height)

    def close(self) -> None:
        """Closes the connection."""
        self._service.close()

    def _looked_at(self, kind: str, found: Json, progress: bool) -> Json:
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
