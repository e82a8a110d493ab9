"""Record the pooled activation of every neuron of every layer in one pass over the patches.

Memory use: one ``(|D|, C_l)`` table per layer, one batch, and as many feature maps as the cache budget allows.

References: section 3.1 of the paper (concept ``V_a``: the ``k`` patches on which ``φ_a`` is highest).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurflow.method.feature_maps import FeatureMaps
from neurflow.method.patches import PatchSet
from neurflow.network.layers import Ladder
from neurflow.progress import Progress
from neurflow.terms.errors import NumericalError

Table = NDArray[np.float32]


def activation_tables(
    ladder: Ladder,
    patches: PatchSet,
    device: torch.device,
    batch_size: int,
    progress: Progress,
    half: bool = False,
    maps: FeatureMaps | None = None,
) -> tuple[Table, ...]:
    """Compute the pooled activation ``φ_a(v)`` of every neuron on every patch.

    Args:
        ladder: the layers.
        patches: ``D``.
        device: where to compute.
        batch_size: patches in one forward pass.
        progress: called with stage ``"activations"`` and the number of patches done.
        half: use half precision on a GPU.
        maps: cache to fill with the feature maps of the first patches, up to its budget; not with half precision.

    Returns:
        One table ``(|D|, C_l)`` per layer.

    Raises:
        NumericalError: an activation is NaN or infinite; names the lowest such layer.
    """
    tables = tuple(np.empty((len(patches), point.channels), dtype=np.float32) for point in ladder.points)
    progress("activations", 0, len(patches))
    for start in range(0, len(patches), batch_size):
        indices = range(start, min(start + batch_size, len(patches)))
        if maps is not None and maps.has_room(len(indices)):
            pooled = tuple(ladder.pool(value, layer) for layer, value in enumerate(maps.compute(indices)))
        else:
            images = patches.batch(indices).to(device)
            with torch.no_grad(), torch.autocast(device.type, enabled=half and device.type == "cuda"):
                pooled = ladder.all_pooled(images)
        check_finite(ladder, pooled)
        for table, values in zip(tables, pooled, strict=True):
            table[indices.start : indices.stop] = values.float().cpu().numpy()
        progress("activations", indices.stop, len(patches))
    return tables


def check_finite(ladder: Ladder, pooled: Sequence[Tensor]) -> None:
    """Check that pooled activations, ``(N, C_l)`` per layer, are finite.

    Raises:
        NumericalError: an activation is NaN or infinite; names the lowest such layer.
    """
    for values, point in zip(pooled, ladder.points, strict=True):
        if not bool(torch.isfinite(values).all()):
            raise NumericalError(f"layer {point.name!r} gives NaN or infinity: check the weights, mean and std")


def concept(activations: NDArray[np.float32], top_k: int) -> NDArray[np.int64]:
    """Return the ``k`` patches with a neuron's highest activations, in descending order; ties keep patch order.

    Args:
        activations: the neuron's column of the activation table, ``(|D|,)``.
        top_k: ``k``, at most ``|D|``.
    """
    return np.argsort(-activations, kind="stable")[:top_k].astype(np.int64)
