"""Trace the circuit of a class and save it to a folder."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neurflow.cli.commands import INTERRUPTED
from neurflow.cli.interrupts import terminable
from neurflow.cli.network_options import network_from, network_options
from neurflow.cli.parameter_options import parameter_options, parameters_from
from neurflow.cli.progress_display import shown_progress
from neurflow.result.safe_files import refuse_existing
from neurflow.terms.class_matching import Classes
from neurflow.terms.errors import NumericalError, ParameterError
from neurflow.terms.label_matching import candidates, matched, unmatched_warning
from neurflow.terms.parameters import Resources, TraceParameters

if TYPE_CHECKING:
    from neurflow.data.images import Dataset
    from neurflow.method.checkpoint import Checkpoint


@click.command("trace", short_help=__doc__)
@network_options
@click.option("--data", required=True, metavar="SPEC", help="Data set: demo/photos, folder/PATH or torchvision/NAME.")
@click.option("--class", "class_name", required=True, metavar="NAME", help="Name of a class, or #7 for output 7.")
@click.option(
    "--class-map",
    "mapped",
    multiple=True,
    metavar="LABEL=CLASS",
    help="Class of a label (folder) that has another name, as in kitty=cat; repeatable.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="New folder for the circuit."
)
@click.option("--resume", is_flag=True, help="Resume an interrupted trace after its last finished layer.")
@parameter_options(TraceParameters)
@parameter_options(Resources)
def command(data: str, class_name: str, mapped: tuple[str, ...], out: Path, resume: bool, **options: Any) -> None:
    """Trace the circuit of a class of a network over a data set and save it to a folder.

    After Ctrl-C, finished layers are kept in a folder next to --out. Run the same command with --resume to continue.
    """
    parameters, resources = parameters_from(TraceParameters, options), parameters_from(Resources, options)
    refuse_existing(out)
    with terminable():
        from neurflow.method.checkpoint import Checkpoint

        checkpoint = Checkpoint.beside(out)
        checkpoint.refuse_existing(resume)
        with _resumable(checkpoint):
            from neurflow.cli.summary import left_out_lines, summary
            from neurflow.data.images import left_out
            from neurflow.datasets import load_dataset
            from neurflow.tracing import trace

            network = network_from(options)
            images = load_dataset(data)
            for line in left_out_lines(left_out(images)):
                click.echo(line, err=True)
            class_map = _class_map(mapped, {ref.label for ref in images.images})
            _warn_of_unmatched_labels(images, network.classes, class_name, class_map)
            with shown_progress() as progress:
                result = trace(
                    network,
                    images,
                    class_name,
                    parameters,
                    resources,
                    progress,
                    checkpoint,
                    resume,
                    class_map=class_map,
                )
            result.save(out)
        checkpoint.remove()
    click.echo(f"{summary(result.circuit)}\n\nThe circuit is in {out}")


def _class_map(mapped: Iterable[str], labels: Container[str | None]) -> dict[str, str]:
    """From ``LABEL=CLASS`` to a class map; of several ``=`` the first counts that leaves one of the labels before it.

    Raises:
        ParameterError: there is nothing on one side of a ``=``, or a label is mapped twice.
    """
    class_map: dict[str, str] = {}
    for text in mapped:
        cuts = [(text[:place], text[place + 1 :]) for place, letter in enumerate(text) if letter == "="]
        label, name = next((cut for cut in cuts if cut[0] in labels), cuts[0] if cuts else (text, ""))
        if not label or not name:
            raise ParameterError(f"--class-map {text!r}: write LABEL=CLASS, as in kitty=cat")
        if class_map.setdefault(label, name) != name:
            raise ParameterError(f"--class-map {text!r}: the label {label!r} is mapped to {class_map[label]!r} already")
    return class_map


def _warn_of_unmatched_labels(
    data: Dataset, names: Sequence[str], class_name: str, class_map: Mapping[str, str]
) -> None:
    """Say which labels mean no class, unless the class itself lacks images: the trace reports that."""
    classes = Classes(names)
    found = candidates((ref.label for ref in data.images if ref.label is not None), classes, class_map)
    warning = unmatched_warning(found)
    if warning and set(classes.find_all(class_name)) & set(matched(found).values()):
        click.echo(f"warning: {warning}. Map a label to its class with --class-map LABEL=CLASS", err=True)


@contextmanager
def _resumable(checkpoint: Checkpoint) -> Iterator[None]:
    """Explain after an interruption how to resume. Delete what ended in NaN, because it would do so again."""
    try:
        yield
    except NumericalError:
        checkpoint.remove()
        raise
    except KeyboardInterrupt:
        if checkpoint.exists():
            how = f"finished layers are in {checkpoint.folder}; run the same command with --resume to continue"
        else:
            how = "nothing was finished yet"
        click.echo(f"interrupted: {how}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
