"""The options that name a network and how it wants its input, the same for each command that loads one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from neurflow.cli.lists import numbers
from neurflow.terms.errors import NetworkError

if TYPE_CHECKING:
    from neurflow.network.networks import Network

Function = TypeVar("Function", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path)
_FORMS = "demo/photos, torchvision/NAME[:WEIGHTS], timm/NAME or path/to/file.py:factory, whose code is run."
_NETWORK = click.option("--network", required=True, metavar="SPEC", help=_FORMS)
_OTHER_NETWORK = click.option("--network", metavar="SPEC", help=f"{_FORMS}  [default: the circuit's]")
_OPTIONS = (
    click.option("--weights", type=_FILE, metavar="FILE", help="Weights to take: safetensors, or a state dict."),
    click.option("--classes", type=_FILE, metavar="FILE", help="The class names in output order."),
    click.option("--input-size", type=int, help="Side of the square input in pixels.  [default: what the weights say]"),
    click.option("--mean", type=numbers, help="Three numbers of values in [0, 1].  [default: what the weights say]"),
    click.option("--std", type=numbers, help="Three numbers above 0.  [default: what the weights say]"),
)


def network_options(function: Function) -> Function:
    """A decorator that gives a command the options."""
    for option in reversed((_NETWORK, *_OPTIONS)):
        function = option(function)
    return function


def circuit_network_options(function: Function) -> Function:
    """The same for a command that has a circuit, whose network is taken where none is named."""
    for option in reversed((_OTHER_NETWORK, *_OPTIONS)):
        function = option(function)
    return function


def network_from(options: Mapping[str, Any], default: str | None = None) -> Network:
    """The network that a command's options name. Code may be run: whoever types a command could run it anyway.

    Args:
        options: of the command.
        default: a name that stands in a file, perhaps a stranger's, for where none was typed: its code is not run.

    Raises:
        NetworkError: as :func:`neurflow.network.networks.load_network`.
        ParameterError: likewise.
    """
    from neurflow.network.networks import load_network
    from neurflow.network.sources.from_code import is_code

    named: str | None = options["network"]
    spec = default if named is None else named
    assert spec is not None  # the option is required where nothing else names a network
    if named is None and is_code(spec):
        raise NetworkError(
            f"the circuit's network {spec!r} is Python code, which is not run because a file says so: "
            "name it with --network"
        )
    return load_network(
        spec,
        weights=options["weights"],
        classes=options["classes"],
        input_size=options["input_size"],
        mean=options["mean"],
        std=options["std"],
        allow_code=named is not None,
    )
