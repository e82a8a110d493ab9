"""An OpenID Connect provider on a local port, which tests can make lie."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response

CLIENT: Final = "neurflow"
SECRET: Final = "the client's own secret"  # noqa: S105 - made up


@dataclass
class Provider:
    """The provider's responses: ``claims`` replace the correct ones, ``None`` removes one."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "subject-1", "name": "Anna"})
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    signs_with: Any = None
    asked: list[dict[str, str]] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)

    def id_token(self, nonce: str) -> str:
        """Return the token of the user who is signing in."""
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce} | self.person
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": "one"} | self.header
        return jwt.encode(header, claims, self.signs_with or self.key, algorithms=["RS256", "HS256", "none"])


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider in a thread."""
    state = Provider()
    listening = socket.create_server(("127.0.0.1", 0))
    state.issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(_app(state), log_config=None, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), name="provider")
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline, "the provider does not start"
            time.sleep(0.01)
        yield state
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


def _app(state: Provider) -> FastAPI:
    app = FastAPI()
    codes: dict[str, dict[str, str]] = {}

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        told = {"issuer": state.issuer, "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
        told |= {f"{name}_endpoint": f"{state.issuer}/{name}" for name in ("authorization", "token")}
        return told | {"jwks_uri": f"{state.issuer}/keys"} | state.metadata

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return {"keys": [state.key.as_dict(private=False)]}

    @app.get("/authorization")
    def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        state.asked.append(asked)
        code = f"code-{len(state.asked)}"
        codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303)

    @app.post("/token")
    def token(
        request: Request,
        code: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
    ) -> Response:
        state.told.append({"authorization": request.headers.get("authorization", "")})
        asked = codes.pop(code, None)
        right = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != redirect_uri:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if request.headers.get("authorization") != f"Basic {right}" or asked["code_challenge_method"] != "S256":
            return JSONResponse({"error": "invalid_client"}, 401)
        id_token = state.id_token(asked["nonce"])
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": id_token})

    return app
