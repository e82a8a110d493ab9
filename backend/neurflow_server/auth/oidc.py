"""Sign-in through an OpenID Connect provider: the authorization code flow with PKCE, with Authlib.

1. Read the provider's discovery document, whose issuer must be that of the settings.
2. Redirect the browser to the provider with a random state, nonce and PKCE challenge, which a signed cookie keeps.
3. The browser returns with a code and the state. Accept only the browser that left with this state.
4. Exchange the code for an ID token, and check its signature, issuer, audience, times and nonce.

RFC 6749, 7636 and 9207, OpenID Connect Core 1.0 (section 3.1) and Discovery 1.0.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from neurflow_store.errors import Forbidden, NotLoggedIn, Unreachable
from neurflow_store.installation.settings import Settings

CALLBACK: Final = "/auth/oidc/callback"
_KNOWN_SECONDS: Final = 3600.0
_TIMEOUT_SECONDS: Final = 10.0
_LEEWAY_SECONDS: Final = 60
# No algorithms with a shared secret, since everyone who knows the client secret could sign; and never none.
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Identity:
    """A user's identity at the provider."""

    issuer: str
    subject: str
    name: str
    email: str | None
    """Only if the provider has verified it."""


class Provider:
    """The provider of one installation. Threads can share it; it is not contacted before the first sign-in."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._redirect = f"{settings.public_address}{CALLBACK}"
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._keys: Any = {}
        self._until = 0.0

    def begin(self, next_page: str) -> tuple[str, dict[str, str]]:
        """Return the address to redirect the browser to, and the state to keep in its cookie."""
        begun = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")} | {"next": next_page}
        with self._client() as client:
            address, _ = client.create_authorization_url(
                self._known()["authorization_endpoint"],
                state=begun["state"],
                nonce=begun["nonce"],
                code_verifier=begun["verifier"],
            )
        return str(address), begun

    def finish(self, begun: Mapping[str, str] | None, query: Mapping[str, str]) -> Identity:
        """Return the identity of the user who signed in.

        Args:
            begun: the state from the browser's cookie.
            query: the query that the browser returned with.

        Raises:
            NotLoggedIn: this browser did not start the sign-in, or the provider's response cannot be trusted.
            Forbidden: the user's e-mail address is in none of the allowed domains.
        """
        if begun is None or not hmac.compare_digest(begun["state"].encode(), query.get("state", "").encode()):
            raise NotLoggedIn("this sign-in was started in another browser, or more than ten minutes ago: start again")
        if "code" not in query:
            raise NotLoggedIn("the provider refused the sign-in: try again, or ask the provider's administrator")
        metadata = self._known()
        if query.get("iss", metadata["issuer"]) != metadata["issuer"]:
            raise _untrusted("the response is from another issuer")
        claims = self._claims(query["code"], begun)
        return self._identity(claims)

    def _claims(self, code: str, begun: Mapping[str, str]) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from authlib.oidc.core import CodeIDToken
        from httpx2 import HTTPError
        from joserfc.errors import JoseError

        settings = self._settings
        wanted = {
            "iss": {"essential": True, "value": self._known()["issuer"]},
            "aud": {"essential": True, "value": settings.oidc_client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
        }
        try:
            with self._client() as client:
                token = client.fetch_token(
                    self._known()["token_endpoint"], code=code, code_verifier=begun["verifier"], grant_type=_GRANT
                )
            decoded = self._decoded(str(token["id_token"]))
            wanted_claims = {
                "nonce": begun["nonce"],
                "client_id": settings.oidc_client_id,
                "access_token": token["access_token"],
            }
            claims = CodeIDToken(decoded.claims, decoded.header, wanted, wanted_claims)
            claims.validate(leeway=_LEEWAY_SECONDS)
        except (AuthlibBaseError, JoseError, HTTPError, KeyError, ValueError, TypeError) as error:
            raise _untrusted(f"{type(error).__name__}: {error}") from None
        return dict(claims)

    def _decoded(self, id_token: str) -> Any:
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        offered = self._known().get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=[a for a in _ALGORITHMS if a in offered], strict_check_header=False)
        try:
            return jwt.decode(id_token, KeySet.import_key_set(self._keys), registry=registry)
        except InvalidKeyIdError:
            # The provider may have rotated its keys.
            self._known(again=True)
            return jwt.decode(id_token, KeySet.import_key_set(self._keys), registry=registry)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        given = claims.get("email")
        email = str(given).strip().casefold() if given and claims.get("email_verified") is True else None
        domains = {domain.casefold() for domain in self._settings.oidc_email_domains}
        if domains and (email is None or email.rpartition("@")[2] not in domains):
            raise Forbidden(
                "your e-mail address is not in an allowed domain: ask an administrator of this installation"
            )
        subject = str(claims["sub"])
        if not 0 < len(subject) <= 255:
            raise _untrusted("the subject is empty or too long")
        name = claims.get("name") or claims.get("preferred_username") or email or subject
        return Identity(str(claims["iss"]), subject, str(name), email)

    def _known(self, again: bool = False) -> dict[str, Any]:
        """Return the discovery document and the keys, cached for an hour unless a key is missing."""
        from httpx2 import HTTPError

        with self._lock:
            if self._metadata and not again and time.monotonic() < self._until:
                return self._metadata
            issuer = self._settings.oidc_issuer
            try:
                with _http() as http:
                    metadata = _json(http.get(f"{issuer}/.well-known/openid-configuration"))
                    if str(metadata.get("issuer", "")).rstrip("/") != issuer:
                        raise _untrusted(f"the discovery document has the issuer {str(metadata.get('issuer'))[:200]!r}")
                    for name in _ENDPOINTS:
                        _check_endpoint(name, str(metadata.get(name, "")), issuer)
                    keys = _json(http.get(metadata["jwks_uri"]))
            except (HTTPError, ValueError) as error:
                _log.error("the OpenID Connect provider does not answer", issuer=issuer, error=str(error)[:300])
                raise Unreachable("the sign-in provider does not answer: try again in a minute") from None
            self._metadata, self._keys = metadata, keys
            self._until = time.monotonic() + _KNOWN_SECONDS
            return metadata

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        settings = self._settings
        return OAuth2Client(
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret or None,
            token_endpoint_auth_method=self._how_to_prove(),
            scope="openid profile email",
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS,
        )

    def _how_to_prove(self) -> str:
        if not self._settings.oidc_client_secret:
            return "none"
        offered = self._known().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"


_GRANT: Final = "authorization_code"


def _http() -> Any:
    from httpx2 import Client

    return Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False, headers={"accept": "application/json"})


def _json(answer: Any) -> dict[str, Any]:
    answer.raise_for_status()
    found = answer.json()
    if answer.status_code != 200 or not isinstance(found, dict):
        raise ValueError(f"{answer.url} did not return a JSON object")
    return found


def _check_endpoint(name: str, address: str, issuer: str) -> None:
    """Require HTTPS for secrets, unless the provider is on this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise _untrusted(f"its {name} is not an address") from None
    local = parts.hostname in _LOOPBACK and urlsplit(issuer).hostname in _LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise _untrusted(f"its {name} does not use HTTPS")


def _untrusted(reason: str) -> NotLoggedIn:
    _log.warning("a sign-in through the provider was refused", reason=reason[:300])
    return NotLoggedIn("the provider's response cannot be trusted: start again, or ask an administrator")
