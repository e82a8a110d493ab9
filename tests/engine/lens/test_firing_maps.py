"""Firing maps, compared with sampling by hand and on pictures with objects in known places."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from neurflow.lens.firing_maps import SIDE, GroupMaps, as_array, firing_maps
from neurflow.method.firing import EPSILON
from neurflow.method.patches import windows
from neurflow.result.circuit import Box, Group, Importance
from tests.engine import twin
from tests.engine.lens.scene import scene, sliced
from tests.engine.planted import STYLES

AREA = Box(10, 5, 74, 69)


def _sampled(
    maps: torch.Tensor, scores: NDArray[np.float64], crops: tuple[float, ...], area: Box
) -> NDArray[np.float64]:
    """Sample the definition at many points of each cell of the grid."""
    fine = 16
    points = (np.arange(SIDE * fine) + 0.5) / (SIDE * fine) * (area.right - area.left)
    total, counts = np.zeros((len(points), len(points))), np.zeros((SIDE, SIDE))
    result = np.zeros((SIDE, SIDE))
    start = 0
    for crop in crops:
        boxes = windows(area, [crop])
        laid, covered = np.zeros_like(total), np.zeros_like(total)
        for number, box in enumerate(boxes, start):
            height, width = maps.shape[2:]
            rows = np.floor((points - (box.top - area.top)) / (box.bottom - box.top) * height).astype(int)
            columns = np.floor((points - (box.left - area.left)) / (box.right - box.left) * width).astype(int)
            inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
            values = maps[number, 0].numpy()[rows.clip(0, height - 1)][:, columns.clip(0, width - 1)]
            laid += np.where(inside, values * scores[number, 0], 0)
            covered += inside
        start += len(boxes)
        laid, covered = (a.reshape(SIDE, fine, SIDE, fine).sum((1, 3)) for a in (laid, covered))
        result += np.divide(laid, covered, out=np.zeros_like(laid), where=covered > 0)
        counts += covered > 0
    return result / np.maximum(counts, 1)


@pytest.mark.parametrize("crops", [(1.0, 0.5, 0.25), (0.5,), (1.0,)], ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (48, 40)], ids=str)
def test_maps_are_placed_where_their_crops_were_cut(crops: tuple[float, ...], shape: tuple[int, int]) -> None:
    boxes = [windows(AREA, [crop]) for crop in crops]
    generator = np.random.default_rng(3)
    count = sum(map(len, boxes))
    maps = torch.from_numpy(generator.uniform(0, 2, (count, 1, *shape)))
    scores = generator.uniform(0, 1, (count, 1))
    (found,) = firing_maps(maps.float(), scores, boxes, AREA)
    # Where the borders of cells and pixels differ, sampling is coarse.
    np.testing.assert_allclose(as_array(found), _sampled(maps, scores, crops, AREA), atol=0.12, rtol=0.05)


def test_constant_maps_give_a_constant_map() -> None:
    boxes = [windows(AREA, [crop]) for crop in (1.0, 0.5, 0.25)]
    (found,) = firing_maps(torch.ones(59, 1, 6, 6), np.full((59, 1), 0.5), boxes, AREA)
    assert found.values == pytest.approx([0.5] * SIDE**2, rel=1e-5)


def test_areas_that_no_crop_covers_are_dark() -> None:
    boxes = [windows(AREA, [0.3])]
    (found,) = firing_maps(torch.ones(len(boxes[0]), 1, 2, 2), np.ones((len(boxes[0]), 1)), boxes, AREA)
    values = as_array(found)
    assert (values[-2:] == 0).all() and (values[:, -2:] == 0).all()
    assert (values[:28, :28] > 0.99).all()


def test_an_image_of_a_single_pixel_has_a_map() -> None:
    area = Box(0, 0, 1, 1)
    boxes = [windows(area, [crop]) for crop in (1.0, 0.5, 0.25)]
    (found,) = firing_maps(torch.ones(59, 1, 4, 4), np.ones((59, 1)), boxes, area)
    assert found.values == pytest.approx([1.0] * SIDE**2, rel=1e-5)


@pytest.mark.parametrize("channels_last", [False, True], ids=["channels-first", "channels-last"])
@pytest.mark.parametrize("kind", twin.KINDS)
def test_a_group_s_map_is_the_mean_of_its_neurons_relative_to_usual_activations(kind: str, channels_last: bool) -> None:
    net = sliced(kind).net
    for layer, point in enumerate(net.ladder.points):
        groups = [
            Group("x/1", "x", (0, 2), (), None, Importance(0, None, 0), (0.5, -2.0), ()),
            Group("x/2", "x", (1,), (), None, Importance(0, None, 0), (1.5,), ()),
        ]
        maps = net.maps[layer]
        if channels_last and maps.dim() == 4:
            maps = maps.contiguous(memory_format=torch.channels_last)
        found = GroupMaps(point, net.tokens, groups).of(maps)
        for row in range(len(net.images)):
            for number, group in enumerate(groups):
                parts = []
                for channel, usual in zip(group.neurons, group.activations or (), strict=True):
                    value = net.maps[layer][row : row + 1].double()
                    if found.shape[2:] == (1, 1):
                        own = np.array([[float(twin.pooled(value, channel, point.channel_axis, net.tokens))]])
                    else:
                        own = np.array(twin.mean_map(value, [channel], point.channel_axis))
                    parts.append(np.maximum(own, 0) / (abs(usual) + EPSILON))
                np.testing.assert_allclose(found[row, number].numpy(), np.mean(parts, axis=0), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("style", STYLES)
def test_firing_maps_cover_the_planted_object(style: str) -> None:
    """The area above half of the highest value, compared with the square that the group responds to."""
    planted = scene(style, 0, (1.0, 0.5, 0.25))
    ious = []
    for image in planted.circuit.images[:6]:
        reading = planted.lens.analyse(planted.pictures.pictures[image.id])
        for group in planted.circuit.groups:
            if group.layer == "fc":
                continue
            kinds = {kind for kind, box in planted.pictures.squares[image.id].items()}
            shown = planted.kinds(group) & kinds
            if len(shown) != 1:
                continue
            box = planted.pictures.squares[image.id][shown.pop()]
            lit = as_array(reading.group(group.id).place)
            lit = lit > lit.max() / 2
            truth = np.zeros((SIDE, SIDE), dtype=bool)
            unit = SIDE / image.width
            truth[int(box.top * unit) : int(box.bottom * unit), int(box.left * unit) : int(box.right * unit)] = True
            ious.append(float((lit & truth).sum() / (lit | truth).sum()))
    assert len(ious) > 20
    assert float(np.mean(ious)) > 0.9
    assert min(ious) > 0.6
