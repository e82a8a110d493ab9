"""Train the network of demo/photos again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from neurflow.cli.interrupts import terminable
from neurflow.cli.progress_display import shown_progress


@click.command("train-demo", short_help=__doc__)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    default=Path("out", "demo"),
    show_default=True,
    help="A folder for photos.safetensors and photos.md, over older ones.",
)
@click.option("--epochs", type=int, help="Passes over the training crops.  [default: as in the model card]")
@click.option("--seed", type=int, help="For all that is drawn at random.  [default: as in the model card]")
def command(out: Path, epochs: int | None, seed: int | None) -> None:
    """Train the network of demo/photos on its training crops, measure it on its test crops, and write both down.

    Takes about a quarter of an hour on two cores.
    """
    with terminable(), shown_progress() as progress:
        from neurflow.demo.train import train_demo

        train = partial(train_demo, out, progress=progress)
        train = train if epochs is None else partial(train, epochs=epochs)
        train = train if seed is None else partial(train, seed=seed)
        accuracy = train()
    weights = out / "photos.safetensors"
    click.echo(f"{accuracy.overall:.2%} of the test crops are right; the model card is {out / 'photos.md'}")
    click.echo(f"The weights are taken by --network demo/photos --weights {weights}")
