"""The parameters that can be had: what was asked for and cannot be had is lowered, and the circuit's report says so."""

from __future__ import annotations

import dataclasses

from neurflow.method.selection import Selection
from neurflow.network.layers import Ladder
from neurflow.terms.errors import DataError
from neurflow.terms.parameters import TraceParameters


def lowered(
    wanted: TraceParameters, ladder: Ladder, selection: Selection, patches: int
) -> tuple[TraceParameters, list[str]]:
    """The parameters that the trace goes by, with its layers named, and a warning for each that is another.

    Args:
        wanted: what was asked for.
        ladder: the layers.
        selection: the images.
        patches: how many they give.

    Raises:
        DataError: there are too few patches for any concept.
    """
    if patches < 2:
        raise DataError(f"the images give {patches} patch: a concept needs at least 2; add images or crops")
    warnings = []
    if len(selection.traced) < wanted.images:
        warnings.append(
            f"{len(selection.traced)} images are predicted as the class, fewer than images = {wanted.images}"
        )
    if patches < wanted.top_k:
        warnings.append(
            f"there are {patches} patches, fewer than top_k = {wanted.top_k}: top_k is lowered to {patches}"
        )
    if selection.skipped:
        warnings.append(f"{len(selection.skipped)} images could not be read and were skipped")
    if wanted.held_out and not selection.held_out:
        warnings.append("no image is left over to measure knock-outs on: logit_drop is null")
    narrow = [point.name for point in ladder.points[:-1] if point.channels <= wanted.tau]
    if narrow:
        warnings.append(f"tau = {wanted.tau} takes every neuron of {', '.join(narrow)}")
    names = tuple(point.name for point in ladder.points)
    return dataclasses.replace(wanted, top_k=min(wanted.top_k, patches), layers=names), warnings
