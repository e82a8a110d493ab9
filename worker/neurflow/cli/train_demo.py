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
    help="Folder for photos.safetensors and photos.md; existing files are replaced.",
)
@click.option("--epochs", type=int, help="Passes over the training crops.  [default: as in the model card]")
@click.option("--seed", type=int, help="Seed of all random choices.  [default: as in the model card]")
def command(out: Path, epochs: int | None, seed: int | None) -> None:
    """Train the network of demo/photos on its training crops, measure its accuracy on the test crops, and save both.

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
    click.echo(f"To use the weights: --network demo/photos --weights {weights}")
