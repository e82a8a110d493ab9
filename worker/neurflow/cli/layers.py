"""List the layers at which a network can be cut."""

from __future__ import annotations

import json
from typing import Any

import click

from neurflow.cli.network_options import network_from, network_options
from neurflow.cli.table import table


@click.command("layers", short_help=__doc__)
@network_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool, **options: Any) -> None:
    """List the cut points of a network from low to high: the names that --layers of `neurflow trace` accepts.

    A star marks the layers that are traced by default. Aliases are accepted as names, too.
    """
    from neurflow.network.graph import NetworkGraph
    from neurflow.network.ladder import default_ladder

    network = network_from(options)
    graph = NetworkGraph(network.module, network.preprocessing.input_size)
    default = default_ladder(graph)
    if as_json:
        layers = [
            {
                "name": point.name,
                "channels": point.channels,
                "shape": point.shape,
                "kind": point.kind,
                "default": point in default,
                "aliases": point.aliases,
            }
            for point in graph.cut_points
        ]
        click.echo(json.dumps(layers, indent=2))
        return
    rows = [
        (
            "*" if point in default else "",
            point.name,
            point.channels,
            "×".join(map(str, point.shape)),
            point.kind,
            ", ".join(point.aliases),
        )
        for point in graph.cut_points
    ]
    click.echo(table(["", "layer", "channels", "shape", "kind", "aliases"], rows))
    click.echo("\n* traced by default")
