"""Check that a folder holds a valid circuit."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("validate", short_help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def command(folder: Path) -> None:
    """Check the circuit in DIR and its pictures against the file format; reports up to ten problems."""
    from neurflow.result.file_format import validate_folder

    circuit = validate_folder(folder)
    pictures = {exemplar.file for group in circuit.groups for exemplar in group.exemplars}
    click.echo(
        f"OK: class {circuit.target.name!r} of {circuit.network.spec}, {len(circuit.layers)} layers, "
        f"{len(circuit.neurons)} neurons, {len(circuit.groups)} groups, {len(circuit.edges)} edges, "
        f"{len(pictures)} pictures"
    )
