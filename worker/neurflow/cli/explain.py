"""Show which groups of a circuit fire for an image, and where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neurflow.cli.network_options import circuit_network_options, network_from
from neurflow.cli.table import table
from neurflow.result.safe_files import refuse_existing
from neurflow.terms.errors import ParameterError

if TYPE_CHECKING:
    from neurflow.lens import GroupReading, KnockOut, Reading
    from neurflow.result.circuit import Circuit


@click.command("explain", short_help=__doc__)
@click.argument("image", type=click.Path(path_type=Path))
@click.option(
    "--circuit",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the circuit, written by `neurflow trace`.",
)
@circuit_network_options
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:N, mps or auto.")
@click.option("--knock-out", "groups", multiple=True, metavar="GROUP", help="Group to knock out; repeatable.")
@click.option("--pixels", multiple=True, metavar="GROUP", help="Group to attribute to pixels, with --out; repeatable.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="New folder for pictures and JSON.")
def command(
    image: Path,
    folder: Path,
    device: str,
    groups: tuple[str, ...],
    pixels: tuple[str, ...],
    out: Path | None,
    **options: Any,
) -> None:
    """Show which neuron groups of a circuit fire for an IMAGE and how strongly, compared with the circuit's own images.

    M is about 1 if all neurons of a group are as active as on the group's own patches. The percentile is the percentage
    of the circuit's own images with a lower score.
    """
    if out is not None:
        refuse_existing(out)
    elif pixels:
        raise ParameterError("--pixels draws pictures: name a new folder for them with --out")
    from neurflow.data.image_reading import read_image
    from neurflow.lens import Lens
    from neurflow.lens.explanation import save_explanation
    from neurflow.result.file_format import load_circuit

    circuit = load_circuit(folder)
    picture = read_image(image, str(image))
    lens = Lens(network_from(options, circuit.network.spec), circuit, device)
    prepared = lens.prepare(picture)
    knocked = lens.knock_out(prepared, groups) if groups else None
    reading = lens.analyse(prepared)
    if out is not None:
        maps = [lens.pixels(prepared, id, reading=reading) for id in dict.fromkeys(pixels)]
        save_explanation(out, image.name, picture, circuit, reading, knocked, maps)
    click.echo("\n".join(_lines(circuit, reading, knocked)))
    if out is not None:
        click.echo(f"\nPictures and JSON are in {out}")


def _lines(circuit: Circuit, reading: Reading, knocked: KnockOut | None) -> Iterator[str]:
    yield table(["class", "probability"], [(top.name, f"{top.probability:.3f}") for top in reading.classes])
    yield ""
    yield f"Groups of the circuit of {circuit.target.name!r}:"
    yield ""
    rows = [
        (group.layer, group.id, f"{group.score:.3f}", _percentile(group), _state(group))
        for layer in reversed(circuit.layers)
        for group in reading.groups
        if group.layer == layer.name
    ]
    yield table(["layer", "group", "M", "percentile", ""], rows)
    if knocked is not None:
        names = ", ".join(id for id, _ in knocked.factors)
        yield ""
        yield f"Without {names} ({knocked.neurons} neurons), against {knocked.random_sets} random sets of as many:"
        yield ""
        yield table(
            ["class", "logit", "without", "change", "random", "probability", "without"],
            [
                (
                    change.name,
                    f"{change.logit[0]:.3f}",
                    f"{change.logit[1]:.3f}",
                    f"{change.logit_change:+.3f}",
                    f"{change.random_logit[0]:+.3f} ± {change.random_logit[1]:.3f}",
                    f"{change.probability[0]:.3f}",
                    f"{change.probability[1]:.3f}",
                )
                for change in knocked.classes
            ],
        )


def _percentile(group: GroupReading) -> str:
    return "–" if group.percentile is None else f"{group.percentile:.0f}"


def _state(group: GroupReading) -> str:
    return "fires" if group.fires else "silent" if group.silent else ""
