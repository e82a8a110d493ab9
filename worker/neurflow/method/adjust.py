"""Adjust a trace's parameters to the images, patches and layers at hand, with a warning for each change."""

from __future__ import annotations

import dataclasses

from neurflow.method.selection import Selection
from neurflow.network.layers import Ladder
from neurflow.terms.errors import DataError
from neurflow.terms.parameters import TraceParameters


def adjust_parameters(
    requested: TraceParameters, ladder: Ladder, selection: Selection, patches: int
) -> tuple[TraceParameters, list[str]]:
    """Return the parameters that the trace uses, with its layers named, and a warning for each deviation.

    Args:
        requested: the requested parameters.
        ladder: the layers.
        selection: the images.
        patches: number of patches cut from them.

    Raises:
        DataError: there are too few patches for a concept.
    """
    if patches < 2:
        raise DataError(f"the images yield {patches} patch, but a concept needs at least 2: add images or crops")
    warnings = []
    if len(selection.traced) < requested.images:
        warnings.append(
            f"only {len(selection.traced)} images are predicted as the class, fewer than images = {requested.images}"
        )
    if patches < requested.top_k:
        warnings.append(
            f"there are only {patches} patches, fewer than top_k = {requested.top_k}: top_k is lowered to {patches}"
        )
    if selection.skipped:
        warnings.append(f"{len(selection.skipped)} images could not be read and were skipped")
    if requested.held_out and not selection.held_out:
        warnings.append("no images are left to measure knock-outs: logit_drop is null")
    narrow = [point.name for point in ladder.points[:-1] if point.channels <= requested.tau]
    if narrow:
        warnings.append(f"tau = {requested.tau} includes every neuron of {', '.join(narrow)}")
    names = tuple(point.name for point in ladder.points)
    return dataclasses.replace(requested, top_k=min(requested.top_k, patches), layers=names), warnings
