"""Create options from the dataclasses of :mod:`neurflow.terms.parameters`: names, types, defaults and help.

A field ``top_k`` becomes ``--top-k``. Its help is its meaning and its range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import click

from neurflow.cli.comma_separated import names, numbers
from neurflow.terms.parameters import MIB, descriptions, meanings

Function = TypeVar("Function", bound=Callable[..., Any])
Parameters = TypeVar("Parameters")

_CACHE = "cache_bytes"
"""The only field with another unit on the command line: ``--cache`` in MiB."""


def parameter_options(kind: type) -> Callable[[Function], Function]:
    """Return a decorator that adds an option for each field of the dataclass ``kind`` to a command."""
    hints, texts = get_type_hints(kind), descriptions(kind)
    if _CACHE in texts:
        texts[_CACHE] = meanings(kind)[_CACHE].replace("in bytes", "in MiB")

    def add(function: Function) -> Function:
        for field in reversed(fields(kind)):
            function = _option(field, hints[field.name], texts[field.name])(function)
        return function

    return add


def parameters_from(kind: type[Parameters], options: Mapping[str, Any]) -> Parameters:
    """Create the dataclass ``kind`` from a command's options; other options are ignored.

    Raises:
        ParameterError: a value is out of range.
    """
    values = {field.name: options[field.name] for field in fields(kind)}  # type: ignore[arg-type]
    if _CACHE in values:
        values[_CACHE] *= MIB
    return kind(**values)


def _option(field: Field[Any], hint: Any, text: str) -> Callable[[Function], Function]:
    flag, kind = "--" + field.name.replace("_", "-"), _type(hint)
    default: Any = field.default
    if field.name == _CACHE:
        flag, kind, default = "--cache", click.IntRange(0), default // MIB
    if isinstance(default, tuple):
        default = ",".join(f"{number:g}" for number in default)
    if hint is bool:
        return click.option(flag, field.name, is_flag=True, help=text)
    return click.option(flag, field.name, type=kind, default=default, show_default=True, help=text)


def _type(hint: Any) -> Any:
    if get_origin(hint) is Literal:
        return click.Choice(get_args(hint))
    if hint == tuple[float, ...]:
        return numbers
    return names if hint == tuple[str, ...] | None else hint
