"""The HTTP side of the client: URLs, errors from problem details, pages, event streams."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from neurflow.client.optional_imports import import_optional
from neurflow.terms.errors import ClientError, ServiceUnreachable

if TYPE_CHECKING:
    import httpx2

_ROOT: Final = "/api/v1"
_PAGE: Final = 100
_CHECKING_SECONDS: Final = 600.0
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

Json = dict[str, Any]


class Service:
    """A connection to one service.

    Args:
        url: URL of the service, with or without a trailing slash.
        timeout: seconds without data after which a request fails.
        token: API token, for a service with accounts. It is sent to ``url`` only.
    """

    def __init__(self, url: str, timeout: float, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        http = import_optional("httpx2")
        self._errors: type[Exception] = http.TransportError
        # Proxies for the outside world cannot reach this machine.
        trust_env = urlsplit(self.url).hostname not in _LOOPBACK
        headers = {"accept": "application/json"} | ({} if token is None else {"authorization": f"Bearer {token}"})
        try:
            self._http: httpx2.Client = http.Client(
                base_url=self.url, timeout=timeout, trust_env=trust_env, headers=headers
            )
        except http.InvalidURL as error:
            raise ServiceUnreachable("Invalid address", f"{url!r}: {error}") from None

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, *path: str, **params: Any) -> Json:
        """Get the JSON at ``path``; parameters that are ``None`` are left out."""
        return self._json("GET", path, params=_without_none(params))

    def post(self, *path: str, body: Mapping[str, Any] | None = None) -> Json:
        """Post JSON."""
        return self._json("POST", path, json=None if body is None else dict(body))

    def patch(self, *path: str, body: Mapping[str, Any]) -> Json:
        """Patch the resource at ``path``."""
        return self._json("PATCH", path, json=dict(body))

    def delete(self, *path: str) -> None:
        """Delete the resource at ``path``."""
        self._send("DELETE", path)

    def upload(self, *path: str, file: Path, fields: Mapping[str, str | None]) -> Json:
        """Stream a file as a form with further fields; the service may take minutes to check it."""
        timeout = import_optional("httpx2").Timeout(self.timeout, read=max(self.timeout, _CHECKING_SECONDS))
        with file.open("rb") as stream:
            files = {"file": (file.name, stream)}
            return self._json("POST", path, files=files, data=_without_none(fields), timeout=timeout)

    def items(self, *path: str, **params: Any) -> Iterator[Json]:
        """Iterate over all items of a list, one page at a time."""
        cursor: str | None = None
        while True:
            page = self.get(*path, **{"limit": _PAGE} | params, cursor=cursor)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def read(self, address: str) -> bytes:
        """Return the bytes at a URL from an answer, such as a picture's; only from this service, to protect the token.

        Raises:
            ServiceUnreachable: the URL is not of this service.
        """
        if urlsplit(address).netloc and not address.startswith(f"{self.url}/"):
            raise ServiceUnreachable("Address of another service", f"{address[:200]!r} is not at {self.url}")
        # The service's addresses include the path below which it lies, which httpx would put in front once more.
        path = urlsplit(self.url).path
        below = address.removeprefix(path) if address.startswith(f"{path}/") else address
        with self._reachable():
            answer = self._http.get(below)
        return _checked(answer).content

    @contextmanager
    def chunks(self, *path: str) -> Iterator[Iterator[bytes]]:
        """Yield the bytes at ``path`` in chunks."""
        with self._reachable(), self._http.stream("GET", _address(path)) as answer:
            yield _checked(answer).iter_bytes()

    @contextmanager
    def events(self, *path: str, timeout: float) -> Iterator[Iterator[tuple[str, Json]]]:
        """Yield the server-sent events at ``path`` as name and data, both empty for a keep-alive."""
        headers = {"accept": "text/event-stream"}
        with (
            self._reachable(),
            self._http.stream("GET", _address(path), headers=headers, timeout=timeout) as answer,
        ):
            yield read_events(_checked(answer).iter_lines())

    def _json(self, method: str, path: tuple[str, ...], **options: Any) -> Json:
        answer = self._send(method, path, **options)
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ServiceUnreachable("Not a NeurFlow service", f"the server at {self.url} does not answer in JSON")
        return found

    def _send(self, method: str, path: tuple[str, ...], **options: Any) -> httpx2.Response:
        with self._reachable():
            answer = self._http.request(method, _address(path), **options)
        return _checked(answer)

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            reason = str(error) or type(error).__name__
            raise ServiceUnreachable(
                "No answer",
                f"no server answers at {self.url} ({reason}): is `neurflow demo` or `neurflow serve` running?",
            ) from error


def read_events(lines: Iterator[str]) -> Iterator[tuple[str, Json]]:
    """Parse the events of a stream as ``event`` and ``data``, both empty for a comment, which is a keep-alive.

    >>> list(read_events(iter([": hello", "event: end", 'data: {"state":', 'data: "failed"}', "", "data: 1"])))
    [('', {}), ('end', {'state': 'failed'})]
    """
    name, data = "message", ""
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line.startswith(":"):
            yield "", {}
        elif field == "event":
            name = value
        elif field == "data":
            data += value
        elif not line and data:
            yield name, json.loads(data)
            name, data = "message", ""


def _address(path: tuple[str, ...]) -> str:
    return "/".join([_ROOT, *(quote(part, safe="") for part in path)])


def _without_none(values: Mapping[str, Any]) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def _checked(answer: httpx2.Response) -> httpx2.Response:
    if answer.is_success:
        return answer
    answer.read()
    try:
        problem = answer.json()
        title, detail = str(problem["title"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        problem, title, detail = {}, f"Status {answer.status_code}", answer.reason_phrase
    raise ClientError(title, detail, answer.status_code, str(problem.get("type", "about:blank")))
