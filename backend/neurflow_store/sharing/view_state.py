"""The explorer's state as the query of an address: its parameters, and their allowed values.

The front end writes it (``frontend/src/circuit/model/address.ts``) and ignores what it does not know; a view is saved
only if all of it is valid. ``v`` is the version of this format: older versions are upgraded by :data:`MIGRATIONS`,
newer ones are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote_plus

from neurflow_store.errors import BadValue
from neurflow_store.ids import PATTERN

VERSION: Final = 1
"""The current version of the format."""

Params = list[tuple[str, str]]
MIGRATIONS: Final[dict[int, Callable[[Params], Params]]] = {}
"""By version: the function that upgrades the parameters to the next version."""

LONGEST: Final = 65_536
"""Maximum number of characters in a state."""
_LONGEST_NAME: Final = 4_000
_MOST: Final = 4_000
_FARTHEST: Final = 999_999
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_AROUND: Final = re.compile(r"(?:up|down|both):.+")
_MOVE: Final = re.compile(r"(-?[0-9]{1,7}),(-?[0-9]{1,7}),.+")
_PLAIN: Final = {"%2F": "/", "%3A": ":", "%2C": ",", "%40": "@"}


def read_state(text: str, version: int | None = None) -> str:
    """Return a state in normal form: checked, in order, and upgraded to the current version.

    Args:
        text: the query of an address, with or without its question mark.
        version: its version, if the text has none; by default the current one.

    Raises:
        BadValue: it is invalid, or of a newer version.

    >>> read_state("?v=1&influence=80&select=layer4.1%2F3")
    'v=1&select=layer4.1/3&influence=80'
    >>> read_state("")
    ''
    """
    if len(text) > LONGEST:
        raise BadValue(
            f"the state has {len(text):,} characters, but at most {LONGEST:,} are allowed: move fewer groups by hand"
        )
    try:
        pairs = parse_qsl(
            text.removeprefix("?"), keep_blank_values=True, max_num_fields=_MOST, encoding="utf-8", errors="strict"
        )
    except (ValueError, UnicodeError):
        raise BadValue("the state is not the query of an address, or has too many parts") from None
    given_versions = [value for name, value in pairs if name == "v"]
    params = _present([pair for pair in pairs if pair[0] != "v"], _version(given_versions, version))
    for name, value in params:
        _check(name, value)
    once = [name for name, _ in params if not _FORM[name][1]]
    twice = next((name for name in once if once.count(name) > 1), None)
    if twice is not None:
        raise BadValue(f"the state contains {twice} twice")
    return _written(params)


def without_analysis(state: str) -> str:
    """Remove the image from a state that :func:`read_state` returned.

    >>> without_analysis("v=1&influence=80&panel=image&analysis=photo-7k2m9")
    'v=1&influence=80&panel=image'
    """
    return read_state("&".join(part for part in state.split("&") if not part.startswith("analysis=")))


def analysis_in(state: str) -> str | None:
    """Return the analysis in a state that :func:`read_state` returned.

    >>> analysis_in("v=1&panel=image&analysis=photo-7k2m9")
    'photo-7k2m9'
    """
    return dict(parse_qsl(state)).get("analysis")


def _version(given_versions: list[str], given: int | None) -> int:
    text = given_versions[0] if given_versions else str(VERSION if given is None else given)
    if len(given_versions) > 1 or not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        raise BadValue(f"the state's version {text[:20]!r} is invalid: write v={VERSION}")
    if given is not None and int(text) != given:
        raise BadValue(f"the state has version {text}, but version {given} was given: omit one of them")
    return int(text)


def _present(params: Params, version: int) -> Params:
    if version > VERSION:
        raise BadValue(
            f"the state is from a newer version of NeurFlow Explorer ({version}, but this server knows {VERSION}): "
            "ask an administrator to update the server"
        )
    for older in range(version, VERSION):
        params = MIGRATIONS[older](params)
    return params


def _check(name: str, value: str) -> None:
    if name not in _FORM:
        raise BadValue(f"the state has an unknown parameter {name[:80]!r}: use {', '.join(_FORM)}")
    if _CONTROLS.search(value) or not _FORM[name][0](value):
        raise BadValue(f"the state has an invalid {name}: {value[:80]!r}")


def _named(value: str) -> bool:
    return 0 < len(value) <= _LONGEST_NAME


def _number(least: int, most: int) -> Callable[[str], bool]:
    return lambda value: _WHOLE.fullmatch(value) is not None and least <= int(value) <= most


def _one_of(*values: str) -> Callable[[str], bool]:
    return lambda value: value in values


def _inspector(value: str) -> bool:
    return value == "0" or _number(260, 1600)(value)


def _id(value: str) -> bool:
    return len(value) <= 64 and re.fullmatch(PATTERN, value) is not None


def _move(value: str) -> bool:
    found = _MOVE.fullmatch(value)
    return found is not None and _named(value) and all(abs(int(found[n])) <= _FARTHEST for n in (1, 2))


_FORM: Final[Mapping[str, tuple[Callable[[str], bool], bool]]] = {
    "select": (_named, False),
    "expand": (_named, True),
    "merge": (lambda value: _named(value) and "," in value, True),
    "influence": (_number(1, 100), False),
    "weight": (_number(0, 100), False),
    "sign": (_one_of("both", "positive", "negative"), False),
    "hide": (_named, True),
    "search": (lambda value: len(value) <= 200, False),
    "around": (lambda value: _named(value) and _AROUND.fullmatch(value) is not None, False),
    "move": (_move, True),
    "show": (_one_of("graph", "table"), False),
    "inspector": (_inspector, False),
    "full": (_one_of("graph", "inspector"), False),
    "panel": (_one_of("inspector", "image"), False),
    "analysis": (_id, False),
    "note": (_id, False),
}
"""Allowed values by parameter, in the order in which they are written, and whether the parameter can be repeated."""


def _written(params: Params) -> str:
    order = list(_FORM)
    ordered = sorted(params, key=lambda pair: order.index(pair[0]))
    parts = [f"{name}={quote_plus(value)}" for name, value in ordered]
    text = "&".join([f"v={VERSION}", *parts]) if parts else ""
    return re.sub("%2F|%3A|%2C|%40", lambda found: _PLAIN[found[0]], text)
