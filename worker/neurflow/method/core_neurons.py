"""Find the core neurons of a neuron: the ``τ`` neurons of the layer below with the highest score.

1. ``T(a, s) = mean over v ∈ V_a of |IG_s(v)|``; ``S_a`` is the set of the ``τ`` neurons with the highest ``T(a, ·)``.
2. Start with few integration nodes. Completeness gives the relative error of the integral:
   ``ρ = mean_v |Σ_s IG_s(v) − (φ_a(v) − φ_a(0))| / mean_v Σ_s |IG_s(v)|``.
3. The core set is *settled* when ``ρ`` is at most ``completeness`` and ``margin · ρ`` at most the relative gap
   ``(T_τ − T_{τ+1}) / T_τ`` after the last core neuron. Double the nodes until it is settled or ``max_nodes`` is
   reached.

References: section 3.2 of the paper; steps 2 and 3 are our additions.
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
        channels: channels of the lower layer by descending score, ties by ascending channel; ``(τ,)``.
        scores: ``T(a, s)`` in the same order, ``(τ,)``, at least 0.
        attributions: ``IG_s(v)`` of the core neurons, ``(k, τ)``.
        error: ``ρ``, at least 0.
        nodes: number of nodes used.
        settled: whether more nodes would leave the set unchanged, judged by ``ρ``.
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
    """Find the core set of one neuron, adding nodes until it is settled.

    Args:
        integral: the neuron's path integral over its concept.
        tau: number of core neurons; all neurons if the lower layer has fewer.
        nodes: number of nodes to start with.
        max_nodes: maximum number of nodes.
        completeness: largest ``ρ`` of a settled set.
        margin: required ratio of the gap after the last core neuron to ``ρ``.
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
    """Compute ``ρ``, the relative error of attributions ``(k, C)`` against ``change`` ``(k,)``; 0 if all are 0.

    NaN if any attribution, of a core neuron or not, is NaN or infinite.
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
