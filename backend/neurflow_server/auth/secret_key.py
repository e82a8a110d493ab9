"""The key that signs cookies: the setting, or a file in the data folder that only its owner can read."""

from __future__ import annotations

import os
import secrets
from typing import Final

from neurflow_store.errors import SettingsError
from neurflow_store.installation.settings import Settings

_NAME: Final = "secret.key"
_LEAST: Final = 32


def secret_key(settings: Settings) -> str:
    """Return the installation's key; create it on the first call, safely if several processes do so at once.

    Raises:
        SettingsError: the file can neither be read nor created, or others can read it.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.home / _NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Written under a temporary name, then linked: a second process finds this key, and nobody reads half of it.
            aside = path.with_name(f".{_NAME}-{secrets.token_hex(8)}")
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48))
            try:
                os.link(aside, path)
            except FileExistsError:
                pass
            finally:
                aside.unlink()
        key = path.read_text("ascii").strip()
        readable = path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be used: {error}; set NEURFLOW_SECRET_KEY instead") from None
    if readable and os.name == "posix":
        raise SettingsError(f"{path} is readable by others: change its mode to 0600, or delete it to end all sessions")
    if len(key) < _LEAST:
        raise SettingsError(f"{path} has {len(key)} characters: delete it to create a new key")
    return key
