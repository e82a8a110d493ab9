"""How commands report errors that the user can fix: one line, and an exit code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import IO, Any, ParamSpec, TypeVar

import click
from sqlalchemy.exc import InterfaceError, OperationalError

from neurflow_store.errors import StoreError

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class OneLine(click.ClickException):
    """Ends a command with ``error: MESSAGE`` on the standard error and exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"error: {self.format_message()}", file=file, err=True)


def store_errors(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Decorate a command's function: print store errors, and a database that does not answer, as one line."""

    @wraps(function)
    def guarded(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        try:
            return function(*args, **kwargs)
        except StoreError as error:
            raise OneLine(str(error)) from None
        except (InterfaceError, OperationalError) as error:
            raise OneLine(f"the database does not answer: {first_line(error.orig)}") from None

    return guarded


def first_line(error: object) -> str:
    """Return the first line of an error, without the details that drivers append."""
    return next(iter(str(error).splitlines()), "").strip() or type(error).__name__
