"""Signed cookies: the session, the token of a form, and the state of a sign-in at a provider.

All are HttpOnly and SameSite=Lax; over HTTPS also Secure, with the prefix ``__Host-``, so that no other host of the
domain can set or read them. Below a root path, they have that path and the prefix ``__Secure-``. A cookie with a wrong
signature is ignored.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final

from itsdangerous import BadSignature, Signer, URLSafeTimedSerializer
from starlette.responses import Response

from neurflow_server.addresses import root
from neurflow_server.auth.secret_key import secret_key
from neurflow_store.installation.settings import Settings

SESSION: Final = "neurflow-session"
FORM: Final = "neurflow-form"
LOGIN: Final = "neurflow-login"
"""The state of a sign-in at the provider."""

LOGIN_SECONDS: Final = 600


class Cookies:
    """The cookies of one installation."""

    def __init__(self, settings: Settings) -> None:
        self._secure = settings.https_only
        self._seconds = int(settings.session_seconds)
        key = secret_key(settings)
        self._signers = {
            name: Signer(key, salt=f"neurflow.{name}", digest_method=_sha256()) for name in (SESSION, FORM)
        }
        self._begun = URLSafeTimedSerializer(
            key, salt=f"neurflow.{LOGIN}", signer_kwargs={"digest_method": _sha256(), "key_derivation": "hmac"}
        )

    def name(self, name: str) -> str:
        """Return the cookie's name in the browser."""
        return f"{_prefix()}{name}" if self._secure else name

    def session(self, cookies: Mapping[str, str]) -> str | None:
        """Return the secret of the session if its cookie exists and has a valid signature."""
        return self._unsigned(SESSION, cookies)

    def set_session(self, answer: Response, secret: str) -> None:
        """Set the session's cookie."""
        self._set(answer, SESSION, self._signers[SESSION].sign(secret).decode(), self._seconds)

    def form_token(self, cookies: Mapping[str, str], new: dict[str, str]) -> str:
        """Return the value of a form's hidden field; put it into ``new`` if the browser has no cookie for it yet."""
        known = self._unsigned(FORM, cookies)
        if known is None:
            known = new[FORM] = secrets.token_urlsafe(32)
        return known

    def set_form(self, answer: Response, token: str) -> None:
        """Set the cookie that matches a form's hidden field."""
        self._set(answer, FORM, self._signers[FORM].sign(token).decode(), None)

    def is_own_form(self, cookies: Mapping[str, str], sent: str) -> bool:
        """Return whether a form's hidden field matches this browser's cookie."""
        known = self._unsigned(FORM, cookies)
        return known is not None and hmac.compare_digest(known.encode(), sent.encode())

    def set_begun(self, answer: Response, values: Mapping[str, str]) -> None:
        """Set the cookie with the state of a sign-in at the provider, for ten minutes."""
        self._set(answer, LOGIN, self._begun.dumps(dict(values)), LOGIN_SECONDS)

    def begun(self, cookies: Mapping[str, str]) -> dict[str, str] | None:
        """Return the state of a sign-in at the provider that this browser started within the last ten minutes."""
        try:
            found: Any = self._begun.loads(cookies.get(self.name(LOGIN), ""), max_age=LOGIN_SECONDS)
        except BadSignature:
            return None
        return dict(found)

    def forget(self, answer: Response, *names: str) -> None:
        """Delete cookies."""
        for name in names:
            answer.delete_cookie(
                self.name(name), path=root() or "/", secure=self._secure, httponly=True, samesite="lax"
            )

    def _unsigned(self, name: str, cookies: Mapping[str, str]) -> str | None:
        try:
            return self._signers[name].unsign(cookies.get(self.name(name), "")).decode()
        except (BadSignature, UnicodeError):
            return None

    def _set(self, answer: Response, name: str, value: str, seconds: int | None) -> None:
        answer.set_cookie(
            self.name(name),
            value,
            max_age=seconds,
            path=root() or "/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )


def _prefix() -> str:
    """Return how the browser keeps cookies from others: ``__Host-`` requires the path ``/``."""
    return "__Secure-" if root() else "__Host-"


def _sha256() -> Any:
    from hashlib import sha256

    return sha256
