"""The commands of ``neurflow``: found by name, listed without importing them, loaded when called.

Other packages can add commands by an entry point in the group ``neurflow.commands``::

    [project.entry-points."neurflow.commands"]
    serve = "neurflow_server.cli:command"

Its value is a :class:`click.Command`. ``neurflow --help`` shows the first line of the module's docstring, read from its
source. Only the packages above the module are imported for this, so they should be light.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

from neurflow.terms.errors import NeurflowError

GROUP = "neurflow.commands"
_OWN = {
    "trace": "neurflow.cli.trace:command",
    "explain": "neurflow.cli.explain:command",
    "layers": "neurflow.cli.layers:command",
    "validate": "neurflow.cli.validate:command",
    "train-demo": "neurflow.cli.train_demo:command",
}
_EXTRAS = {
    "worker": ("safetensors", "skimage", "sklearn", "timm", "torch", "torchvision"),
    "store": (
        "alembic",
        "celery",
        "fsspec",
        "psutil",
        "psycopg",
        "pydantic_settings",
        "redis",
        "sqlalchemy",
        "structlog",
    ),
    "server": (
        "argon2",
        "authlib",
        "fastapi",
        "httpx2",
        "itsdangerous",
        "jinja2",
        "joserfc",
        "limits",
        "prometheus_client",
        "python_multipart",
        "uvicorn",
    ),
}
"""The modules that each extra installs."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as in shells."""


class Commands(click.Group):
    """A command group whose commands are entry points. Deliberate errors end as one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_known())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = _known().get(cmd_name)
        return None if entry is None else entry.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary(entry)) for name, entry in _known().items()])

    def invoke(self, ctx: click.Context) -> Any:
        with _one_line_errors(ctx):
            return super().invoke(ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="neurflow-explorer", prog_name="neurflow")
def main() -> None:
    """Explore how a vision network recognises a class, as a circuit of neuron groups."""


def summary(entry: EntryPoint) -> str:
    """Return the first line of the docstring of a command's module, without importing it."""
    try:
        spec = importlib.util.find_spec(entry.module)
        source = spec.loader.get_source(spec.name) if spec and spec.loader else None  # type: ignore[attr-defined]
    except (ImportError, AttributeError):
        source = None  # list the other commands rather than fail
    lines = (ast.get_docstring(ast.parse(source)) or "").splitlines() if source else []
    return lines[0] if lines else ""


def _known() -> dict[str, EntryPoint]:
    """Return commands by name, the engine's own first; other packages cannot override them."""
    own = {name: EntryPoint(name, value, GROUP) for name, value in _OWN.items()}
    return own | {entry.name: entry for entry in sorted(entry_points(group=GROUP)) if entry.name not in own}


@contextmanager
def _one_line_errors(ctx: click.Context) -> Iterator[None]:
    try:
        yield
    except NeurflowError as error:
        click.echo(f"error: {error}", err=True)
        ctx.exit(2)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = next((extra for extra, packages in _EXTRAS.items() if package in packages), None)
        if extra is None:
            raise
        click.echo(f"error: {package} is not installed: pip install 'neurflow-explorer[{extra}]'", err=True)
        ctx.exit(1)
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        ctx.exit(INTERRUPTED)
