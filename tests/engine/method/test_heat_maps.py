"""Heat maps: where in a patch a group fires, compared with plain loops over the networks' own maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from neurflow.method.feature_maps import FeatureMaps
from neurflow.method.heat_maps import coarse, grid, heat_maps, mean_map, shrink
from neurflow.method.patches import PatchImage, PatchSet
from neurflow.network.preprocessing import Preprocessing
from neurflow.result.circuit import HEAT_MAP_SIDE, HeatMap
from neurflow.terms.parameters import MIB
from tests.engine import planted, twin

PLAIN = Preprocessing(twin.SIZE, twin.SIZE, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shown:
    """A small network with patches, and every layer's maps of them by the network's own modules."""

    net: twin.Small
    patches: PatchSet
    seen: tuple[torch.Tensor, ...]

    def maps(self, budget: int = MIB, batch_size: int = 5) -> FeatureMaps:
        return FeatureMaps(self.net.ladder, self.patches, torch.device("cpu"), batch_size, budget)

    def expected(self, layer: int, patch: int, channels: tuple[int, ...]) -> Floats:
        axis = self.net.ladder.points[layer].channel_axis
        return np.array(twin.mean_map(self.seen[layer][patch : patch + 1], channels, axis))


@cache
def _shown(kind: str) -> Shown:
    net, pictures = twin.small(kind, 0), planted.draw(0, 2)
    images = [PatchImage.of(ref.id, pictures.load(ref), PLAIN, (1.0, 0.5)) for ref in pictures.images]
    patches = PatchSet(images, PLAIN, (1.0, 0.5))
    x, seen = patches.batch(range(len(patches))), []
    with torch.no_grad():
        for module in net.network:
            x = module(x)
            seen.append(x)
    return Shown(net, patches, tuple(seen))


def _back(heat_map: HeatMap) -> Floats:
    values = np.array(heat_map.values, dtype=np.float64).reshape(heat_map.height, heat_map.width)
    return values / 255 * heat_map.highest


WANTED = [(3, (0, 2)), (0, (1,)), (7, (0, 1, 4)), (3, (4,)), (19, (2, 3))]


@pytest.mark.parametrize("kind", [kind for kind in twin.KINDS if kind != "transformer_class"])
@pytest.mark.parametrize("layer", [0, 1])
def test_a_map_is_the_mean_of_the_neurons_maps_cell_by_cell(kind: str, layer: int) -> None:
    shown = _shown(kind)
    found = heat_maps(shown.net.ladder, shown.maps(), layer, WANTED)
    for (patch, channels), heat_map in zip(WANTED, found, strict=True):
        assert heat_map is not None
        expected = np.maximum(shown.expected(layer, patch, channels), 0)
        assert (heat_map.height, heat_map.width) == expected.shape
        assert heat_map.highest == pytest.approx(expected.max(), rel=1e-4, abs=1e-6)
        np.testing.assert_allclose(_back(heat_map), expected, atol=heat_map.highest / 500 + 1e-6)


@pytest.mark.parametrize("kind", ["residual", "max_pool", "branches"])
@pytest.mark.parametrize("layer", [0, 1])
def test_the_unclamped_map_s_mean_is_the_group_s_activation(kind: str, layer: int) -> None:
    shown = _shown(kind)
    point = shown.net.ladder.points[layer]
    for patch, channels in WANTED:
        values = mean_map(shown.seen[layer][patch], point, channels, "mean")
        pooled = [float(twin.pooled(shown.seen[layer][patch : patch + 1], a, point.channel_axis)) for a in channels]
        assert values.mean() == pytest.approx(np.mean(pooled), abs=1e-6)
        assert shrink(values, 3).mean() == pytest.approx(np.mean(pooled), abs=1e-6)


def test_tokens_are_laid_out_without_the_class_token() -> None:
    point = _shown("transformer_mean").net.ladder.points[1]
    assert point.shape == (5, 8)
    tokens = torch.zeros(5, 8)
    tokens[:, 2] = torch.tensor([100.0, 1, 2, 3, 4])
    assert mean_map(tokens, point, (2,), "mean").tolist() == [[1, 2], [3, 4]]
    assert mean_map(tokens, point, (2, 3), "mean").tolist() == [[0.5, 1], [1.5, 2]]


def test_logits_and_class_tokens_have_no_map() -> None:
    for kind, layer in (("residual", 2), ("transformer_class", 0), ("transformer_class", 1), ("transformer_mean", 2)):
        shown = _shown(kind)
        assert heat_maps(shown.net.ladder, shown.maps(), layer, [(0, (0,)), (1, (1,))]) == [None, None]


@pytest.mark.parametrize(
    ("shape", "axis", "expected"),
    [
        ((8, 4, 6), 1, (4, 6)),
        ((4, 6, 8), 3, (4, 6)),
        ((8, 1, 3), 1, (1, 3)),
        ((8, 1, 1), 1, None),
        ((8,), 1, None),
        ((197, 8), 2, (14, 14)),
        ((196, 8), 2, (14, 14)),
        ((8, 49), 1, (7, 7)),
        ((198, 8), 2, None),
        ((2, 8), 2, None),
        ((1, 8), 2, None),
        ((8, 4, 4, 4), 1, None),
    ],
    ids=str,
)
def test_layers_with_two_spatial_axes_have_a_grid(
    shape: tuple[int, ...], axis: int, expected: tuple[int, int] | None
) -> None:
    point = replace(_shown("residual").net.ladder.points[0], shape=shape, channel_axis=axis)
    assert grid(point, "mean") == expected
    assert grid(point, "class") == (expected if len(shape) == 3 else None)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("budget", [1, 20_000, MIB])
@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_cached_maps_and_batches_do_not_change_a_map(layer: int, budget: int, batch_size: int) -> None:
    shown = _shown("branches")
    expected = heat_maps(shown.net.ladder, shown.maps(), layer, WANTED)
    for one, other in zip(
        expected, heat_maps(shown.net.ladder, shown.maps(budget, batch_size), layer, WANTED), strict=True
    ):
        assert one is not None and other is not None
        assert one.highest == pytest.approx(other.highest, rel=1e-5)
        assert max(abs(a - b) for a, b in zip(one.values, other.values, strict=True)) <= 1


def test_each_step_is_as_computed_by_hand() -> None:
    # 255 stands for 2: −1 becomes 0, 1 is 127.5 and goes to the even neighbour, 0.3 is 38.25.
    found = coarse(np.array([[2.0, -1.0, 1.0], [0.0, 0.3, 2.0]]))
    assert found == HeatMap(3, 2, 2.0, (255, 0, 128, 0, 38, 255))


def test_a_map_of_a_silent_group_is_dark() -> None:
    assert coarse(np.array([[-2.0, 0.0]])) == HeatMap(2, 1, 0.0, (0, 0))


def test_a_smaller_map_is_unchanged_and_a_larger_one_averaged_by_areas() -> None:
    values = np.arange(12.0).reshape(3, 4)
    assert shrink(values, 4).tolist() == values.tolist()
    assert shrink(values, 2)[0].tolist() == pytest.approx([(0 + 1 + (4 + 5) / 2) / 3, (2 + 3 + (6 + 7) / 2) / 3])
    assert shrink(np.array([[1.0, 2.0, 4.0]]), 2).tolist() == [pytest.approx([(1 + 2 / 2) / 1.5, (2 / 2 + 4) / 1.5])]


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 70), st.integers(1, 70)),
        elements=st.floats(-1e3, 1e3, allow_subnormal=False),
    )
)
def test_a_map_is_never_too_large_and_keeps_its_mean(values: Floats) -> None:
    small = shrink(values, HEAT_MAP_SIDE)
    assert small.shape == tuple(min(size, HEAT_MAP_SIDE) for size in values.shape)
    assert small.mean() == pytest.approx(values.mean(), abs=1e-9)
    found = coarse(values)
    assert len(found.values) == found.width * found.height
    assert max(found.values) == (255 if found.highest > 0 else 0)
    assert min(found.values) >= 0
