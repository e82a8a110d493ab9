"""The options that name a network and how it wants its input, the same for each command that loads one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from neurflow.cli.lists import numbers

if TYPE_CHECKING:
    from neurflow.networks import Network

Function = TypeVar("Function", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path)
_OPTIONS = (
    click.option(
        "--network",
        required=True,
        metavar="SPEC",
        help="demo/photos, torchvision/NAME[:WEIGHTS], timm/NAME or path/to/file.py:factory, whose code is run.",
    ),
    click.option("--weights", type=_FILE, metavar="FILE", help="Weights to take: safetensors, or a state dict."),
    click.option("--classes", type=_FILE, metavar="FILE", help="The class names in output order."),
    click.option("--input-size", type=int, help="Side of the square input in pixels.  [default: what the weights say]"),
    click.option("--mean", type=numbers, help="Three numbers of values in [0, 1].  [default: what the weights say]"),
    click.option("--std", type=numbers, help="Three numbers above 0.  [default: what the weights say]"),
)


def network_options(function: Function) -> Function:
    """A decorator that gives a command the options."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def network_from(options: Mapping[str, Any]) -> Network:
    """The network that a command's options name. Code may be run: whoever types a command could run it anyway.

    Raises:
        NetworkError: as :func:`neurflow.networks.load_network`.
        ParameterError: likewise.
    """
    from neurflow.networks import load_network

    return load_network(
        options["network"],
        weights=options["weights"],
        classes=options["classes"],
        input_size=options["input_size"],
        mean=options["mean"],
        std=options["std"],
        allow_code=True,
    )
