"""Services for signing in, which live as long as the application; there are none without accounts."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from neurflow_server.auth.cookies import Cookies
from neurflow_server.auth.limits import Limits
from neurflow_server.auth.oidc import Provider
from neurflow_store.errors import NotFound
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings


@dataclass(frozen=True)
class Auth:
    """``provider`` is set if users sign in through one; otherwise they have passwords here."""

    settings: Settings
    cookies: Cookies
    limits: Limits
    provider: Provider | None


def make_auth(settings: Settings) -> Auth | None:
    """Create the services that the settings require.

    Raises:
        SettingsError: there is no key to sign cookies with.
    """
    if not settings.has_accounts:
        return None
    provider = Provider(settings) if settings.auth == "oidc" else None
    return Auth(settings, Cookies(settings), Limits(settings), provider)


def auth_of(request: Request) -> Auth:
    """Return the application's services for signing in.

    Raises:
        NotFound: it has no accounts.
    """
    found = request.app.state.auth
    if found is None:
        raise NotFound("this installation has no accounts: see the setting `auth`")
    assert isinstance(found, Auth)
    return found


def database_of(request: Request) -> Database:
    """Return the unrestricted database: at sign-in the user is not known yet."""
    found = request.app.state.services.database
    assert isinstance(found, Database)
    return found
