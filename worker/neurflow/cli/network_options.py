"""The options for a network and its preprocessing, shared by all commands that load a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from neurflow.cli.comma_separated import numbers
from neurflow.terms.errors import NetworkError
from neurflow.terms.parameters import INPUT_SIZE

if TYPE_CHECKING:
    from neurflow.network.networks import Network

Function = TypeVar("Function", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path)
_FORMS = "demo/photos, torchvision/NAME[:WEIGHTS], timm/NAME or path/to/file.py:factory, whose code is run."
_SIDE = "Side of the square input in pixels"
_AS_WEIGHTS = "[default: as for the weights]"
_NETWORK = click.option("--network", required=True, metavar="SPEC", help=_FORMS)
_OTHER_NETWORK = click.option("--network", metavar="SPEC", help=f"{_FORMS}  [default: the circuit's]")
_OPTIONS = (
    click.option("--weights", type=_FILE, metavar="FILE", help="File with the weights: safetensors or a state dict."),
    click.option("--classes", type=_FILE, metavar="FILE", help="File with the class names in output order."),
    click.option("--input-size", type=int, help=f"{_SIDE}, {INPUT_SIZE.low}…{INPUT_SIZE.high}.  {_AS_WEIGHTS}"),
    click.option("--mean", type=numbers, help=f"Three numbers for values in [0, 1].  {_AS_WEIGHTS}"),
    click.option("--std", type=numbers, help=f"Three numbers above 0.  {_AS_WEIGHTS}"),
)


def network_options(function: Function) -> Function:
    """Add the options to a command."""
    for option in reversed((_NETWORK, *_OPTIONS)):
        function = option(function)
    return function


def circuit_network_options(function: Function) -> Function:
    """Add the options to a command that has a circuit, whose network is the default."""
    for option in reversed((_OTHER_NETWORK, *_OPTIONS)):
        function = option(function)
    return function


def network_from(options: Mapping[str, Any], default: str | None = None) -> Network:
    """Load the network that a command's options name. A name typed by the user may be Python code, which is run.

    Args:
        options: options of the command.
        default: name from a file, used if the user named no network. As the file may be untrusted, no code is run.

    Raises:
        NetworkError: as in :func:`neurflow.network.networks.load_network`.
        ParameterError: as in :func:`neurflow.network.networks.load_network`.
    """
    from neurflow.network.networks import load_network
    from neurflow.network.sources.from_code import is_code

    named: str | None = options["network"]
    spec = default if named is None else named
    assert spec is not None  # the option is required if there is no default
    if named is None and is_code(spec):
        raise NetworkError(
            f"the circuit's network {spec!r} is Python code, which is not run on the word of a file: "
            "name it with --network to allow it"
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
