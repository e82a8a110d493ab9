"""Find the core concept neurons of a neuron: the ``τ`` lower neurons with the highest score.

1. ``T(a, s) = mean over v ∈ V_a of |IG_s(v)|``; ``S_a`` are the ``τ`` neurons with the highest ``T(a, ·)``.
2. Integrate with few nodes first. The integral's relative error is measured by completeness:
   ``ρ = mean_v |Σ_s IG_s(v) − (φ_a(v) − φ_a(0))| / mean_v Σ_s |IG_s(v)|``.
3. The core set is *settled* when ``ρ`` is below ``completeness`` and ``margin · ρ`` below the relative gap
   ``(T_τ − T_{τ+1}) / T_τ`` behind the last core neuron. Until then double the nodes, as far as ``max_nodes``.

References: section 3.2 of the paper; steps 2 and 3 are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurflow.method.attribution import PathIntegral


@dataclass(frozen=True)
class CoreNeurons:
    """The core set ``S_a`` of one neuron.

    Attributes:
        channels: of the lower layer, by falling score, the lower channel first among equals; ``(τ,)``.
        scores: ``T(a, s)`` in the same order, ``(τ,)``, at least 0.
        attributions: ``IG_s(v)`` of the core neurons, ``(k, τ)``.
        error: ``ρ``, at least 0.
        nodes: at which it was taken.
        settled: whether more nodes would not change the set, as far as ``ρ`` can tell.
    """

    channels: NDArray[np.int64]
    scores: NDArray[np.float64]
    attributions: NDArray[np.float64]
    error: float
    nodes: int
    settled: bool


def find_core_neurons(
    integral: PathIntegral, tau: int, nodes: int, max_nodes: int, completeness: float, margin: float
) -> CoreNeurons:
    """The core set of one neuron, with as many nodes as it takes.

    Args:
        integral: the neuron's path integral over its concept.
        tau: how many core neurons; all, where the lower layer has fewer.
        nodes: to start with.
        max_nodes: to stop at.
        completeness: largest ``ρ`` that counts as settled.
        margin: how many times ``ρ`` the gap behind the last core neuron must be.
    """
    change = integral.change().cpu().double().numpy()
    while True:
        attributions = integral.attributions(nodes).cpu().double().numpy()
        scores = np.abs(attributions).mean(axis=0)
        order = np.argsort(-scores, kind="stable")
        error = relative_error(attributions, change)
        settled = error <= completeness and margin * error <= _gap(scores[order], tau)
        if settled or nodes >= max_nodes:
            core = order[:tau]
            return CoreNeurons(core, scores[core], attributions[:, core], error, nodes, settled)
        nodes = min(2 * nodes, max_nodes)


def relative_error(attributions: NDArray[np.float64], change: NDArray[np.float64]) -> float:
    """``ρ``: how far the attributions ``(k, C)`` are from adding up to ``change`` ``(k,)``; 0 where nothing flows.

    NaN where any attribution, of a core neuron or not, is NaN or infinite.
    """
    if not np.isfinite(attributions).all():
        return float("nan")
    flow = np.abs(attributions).sum(axis=1).mean()
    missing = np.abs(attributions.sum(axis=1) - change).mean()
    return float(missing / flow) if flow > 0 else 0.0


def _gap(falling: NDArray[np.float64], tau: int) -> float:
    if len(falling) <= tau or falling[tau - 1] == 0:
        return float("inf")
    return float((falling[tau - 1] - falling[tau]) / falling[tau - 1])
