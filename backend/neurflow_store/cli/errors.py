"""How commands report errors that the user can fix: one line, and an exit code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import IO, Any, ParamSpec, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

from neurflow_store.errors import StoreError
from neurflow_store.installation.database_errors import explained

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class OneLine(click.ClickException):
    """Ends a command with ``error: MESSAGE`` on the standard error and exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"error: {self.format_message()}", file=file, err=True)


def store_errors(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Decorate a command's function: print errors of the store, the database and files as one line."""

    @wraps(function)
    def guarded(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        try:
            return function(*args, **kwargs)
        except StoreError as error:
            raise OneLine(str(error)) from None
        except SQLAlchemyError as error:
            known = explained(error)
            if known is None:
                raise
            raise OneLine(str(known)) from None
        except OSError as error:
            if error.filename is None or error.strerror is None:
                raise
            raise OneLine(f"{error.filename}: {error.strerror.lower()}") from None

    return guarded
