"""Pixel maps, compared with loops in float64, with exact cases, and on a network that responds to known objects."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch
from torch import Tensor, nn

from neurflow.lens import Lens, PixelMap
from neurflow.lens.crops import view
from neurflow.lens.pixels import CELLS, area_sums, check_nodes, pixel_map
from neurflow.method.firing import EPSILON, Floats
from neurflow.result.circuit import Box, Group, Importance
from neurflow.terms.errors import NumericalError, ParameterError
from tests.engine import planted, twin
from tests.engine.lens.scene import LAYERS, Scene, Sliced, scene, sliced
from tests.engine.planted import STYLES

BOX = Box(3, 1, 3 + twin.SIZE, 1 + twin.SIZE)


@pytest.fixture(params=twin.KINDS)
def small(request: pytest.FixtureRequest) -> Sliced:
    return sliced(request.param)


def _group(*channels: int) -> Group:
    usual = [(0.5, -2.0, 1.25)[position] for position in range(len(channels))]
    return Group("x/1", "x", channels, (), None, Importance(0, None, 0), tuple(usual), ())


def _up_to(net: twin.Small, layer: int) -> nn.Sequential:
    return nn.Sequential(*(copy.deepcopy(net.network[index]) for index in range(layer + 1))).double()


def _target(net: twin.Small, layer: int, group: Group, x: Tensor) -> Tensor:
    """Return ``g`` of one input, one neuron at a time."""
    value, axis = _up_to(net, layer)(x), net.ladder.points[layer].channel_axis
    total = torch.zeros((), dtype=torch.float64)
    for channel, usual in zip(group.neurons, group.activations or (), strict=True):
        total = total + twin.pooled(value, channel, axis, net.tokens) / (abs(usual) + EPSILON)
    return total / len(group.neurons)


def _by_loops(net: twin.Small, layer: int, group: Group, x: Tensor, nodes: int) -> Floats:
    """Return integrated gradients node by node, summed over the colours."""
    places, shares = np.polynomial.legendre.leggauss(nodes)
    slope = torch.zeros_like(x)
    for place, share in zip(places, shares, strict=True):
        point = ((place + 1) / 2 * x).requires_grad_()
        (gradient,) = torch.autograd.grad(_target(net, layer, group, point), point)
        slope += share / 2 * gradient
    return np.asarray((slope * x)[0].sum(0).numpy())


def _as_array(found: PixelMap) -> Floats:
    return np.array(found.values).reshape(found.height, found.width)


@pytest.mark.parametrize("nodes", [1, 16, 30])
def test_a_map_equals_that_of_plain_loops(small: Sliced, nodes: int) -> None:
    """In every layer including the top one; with more nodes than one batch holds."""
    net, network = small.net, copy.copy(small.sliced)
    network.batch_size = 7
    for layer in range(len(net.ladder)):
        group, x = _group(0, 2), net.images[:1]
        found = pixel_map(network, layer, group, x, BOX, nodes)
        expected = _by_loops(net, layer, group, x.double(), nodes)
        np.testing.assert_allclose(_as_array(found), expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())
        with torch.no_grad():
            high, low = (_target(net, layer, group, point.double()) for point in (x, torch.zeros_like(x)))
        rise = float(high - low)
        assert found.expected == pytest.approx(rise, rel=1e-4, abs=1e-5)
        assert (found.group, found.box, found.width, found.height) == ("x/1", BOX, twin.SIZE, twin.SIZE)
        assert found.total == pytest.approx(sum(found.values), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("nodes", [1, 5])
def test_for_a_linear_network_a_single_node_is_exact(nodes: int) -> None:
    """Each pixel contributes its value times the only slope."""
    small = sliced("linear")
    for layer in range(3):
        group, x = _group(1, 0, 2), small.net.images[1:2].double().requires_grad_()
        (slope,) = torch.autograd.grad(_target(small.net, layer, group, x), x)
        found = pixel_map(small.sliced, layer, group, small.net.images[1:2], BOX, nodes)
        expected = (slope * x)[0].sum(0).detach().numpy()
        np.testing.assert_allclose(_as_array(found), expected, atol=1e-5 * np.abs(expected).max())
        assert found.total == pytest.approx(found.expected, rel=1e-4, abs=1e-5)


def test_all_pixels_sum_to_the_difference(small: Sliced) -> None:
    """Completeness. A class token below the first block does not depend on the image: both are 0."""
    for layer in range(len(small.net.ladder)):
        for nodes, error in ((16, 0.05), (256, 0.005)):
            found = pixel_map(small.sliced, layer, _group(0, 1), small.net.images[2:3], BOX, nodes)
            assert abs(found.total - found.expected) <= error * float(np.abs(found.values).sum()) + 1e-6


@pytest.mark.parametrize("size", [48, 64, 96, 100])
def test_a_large_map_is_summed_by_areas(size: int) -> None:
    pixels = np.random.default_rng(size).normal(size=(size, size))
    cells, most = area_sums(pixels), min(size, CELLS)
    assert cells.shape == (most, most) and cells.sum() == pytest.approx(pixels.sum(), rel=1e-9)
    # By the sums above and left of each corner, which are linear between pixels.
    corners, ends = np.pad(pixels.cumsum(0).cumsum(1), ((1, 0), (1, 0))), np.linspace(0, size, most + 1)
    for _ in range(2):
        corners = np.array([np.interp(ends, np.arange(size + 1), line) for line in corners]).T
    np.testing.assert_allclose(cells, np.diff(np.diff(corners, axis=0), axis=1), atol=1e-9)


# A planted network


@pytest.fixture(params=[(style, seed) for style in STYLES for seed in range(2)], ids="{0[0]}-seed{0[1]}".format)
def planted_scene(request: pytest.FixtureRequest) -> Scene:
    return scene(*request.param)


def test_pixels_that_fire_a_group_are_on_its_object(planted_scene: Scene) -> None:
    """The window in the middle shows a corner of each of the picture's squares."""
    one, half = planted_scene, planted.SIZE // 2
    middle = Box(half, half, half + planted.SIZE, half + planted.SIZE)
    shares = []
    for image in one.circuit.images[:4]:
        ready = one.lens.prepare(one.pictures.pictures[image.id])
        crop = view(ready, middle, one.truth.network.preprocessing)
        for layer, name in enumerate(LAYERS[:-1]):
            for group in one.circuit.groups:
                (kind, *others) = sorted(one.kinds(group))
                names = [n for n, channel in one.truth.channels[name].items() if channel in group.neurons]
                if group.layer != name or others or kind == "ground" or "poly" in names:
                    continue  # ground is everywhere, and a neuron that responds to two things gets light from both
                found = _as_array(pixel_map(one.lens._network, layer, group, crop, middle))
                box = one.pictures.squares[image.id][kind]
                truth = np.zeros_like(found)
                rows = slice(max(box.top - half - 1, 0), box.bottom - half + 1)  # edges see a pixel beyond their own
                truth[rows, max(box.left - half - 1, 0) : box.right - half + 1] = 1
                shares.append(float((np.abs(found) * truth).sum() / np.abs(found).sum()))
                assert (found * truth).sum() > 0
    assert len(shares) >= 16
    assert min(shares) > 0.8  # the rest is the noise that the planted neurons get from all others


def test_the_lens_uses_the_crop_that_fires_the_group_most(planted_scene: Scene) -> None:
    one, image = planted_scene, planted_scene.traced[1]
    reading = one.lens.analyse(image)
    for position, group in enumerate(one.circuit.groups):
        if position % 3 == 0 or group.layer == "fc":
            found = one.lens.pixels(image, group.id)
            assert found.box == reading.crops[reading.group(group.id).best[0]]
            assert found == one.lens.pixels(image, group.id, reading=reading)
            assert (found.width, found.height) == (planted.SIZE, planted.SIZE)
            assert found.total == pytest.approx(found.expected, rel=0.05, abs=0.01)
            if group.layer != "fc":  # the crop shows what the group responds to, and is about as usual as its patches
                assert 0.5 < found.total < 2


def test_invalid_pixel_maps_are_refused() -> None:
    one = scene()
    lens, image, id = one.lens, one.traced[0], one.circuit.groups[0].id
    with pytest.raises(ParameterError, match=r"'parts/99' is not a group of this circuit\. Did you mean parts/"):
        lens.pixels(image, "parts/99")
    for nodes in (0, -3, 257):
        with pytest.raises(ParameterError, match=f"nodes is {nodes}: choose a number from 1 to 256"):
            lens.pixels(image, id, nodes)
    reading = lens.analyse(image)
    for other in (
        lens.analyse(PIL.Image.new("RGB", (40, 40))),
        dataclasses.replace(reading, groups=reading.groups[1:]),
    ):
        with pytest.raises(ParameterError, match="reading is of another image or circuit"):
            lens.pixels(image, id, reading=other)


def test_nan_gradients_are_refused() -> None:
    small = sliced("residual")
    x = small.net.images[:1].clone()
    x[0, 0, 0, 0] = torch.nan
    with pytest.raises(NumericalError, match="group x/1: gradients are NaN or infinite"):
        pixel_map(small.sliced, 1, _group(0, 1), x, BOX)


def _state(module: nn.Module) -> list[Any]:
    parts: list[Any] = [torch.is_grad_enabled()]
    for part in module.modules():
        parts += [part.training, len(part._forward_hooks), len(part._forward_pre_hooks), len(part._backward_hooks)]
    for parameter in module.parameters():
        values = parameter.detach().numpy().tobytes()
        parts += [id(parameter), parameter.requires_grad, parameter.grad is None, parameter._version, values]
    return parts


def test_the_network_is_left_unchanged_even_after_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    one = scene()
    module, image, id = one.truth.network.module, one.traced[0], one.circuit.groups[0].id
    first = next(module.parameters())
    frozen = first.requires_grad
    first.requires_grad_(not frozen)
    try:
        before = _state(module)
        for grad in (True, False):
            with torch.set_grad_enabled(grad):
                one.lens.pixels(image, id)
                assert torch.is_grad_enabled() is grad
        assert _state(module) == before

        def fail(*given: object, **more: object) -> None:
            raise RuntimeError("no memory")

        monkeypatch.setattr(torch.autograd, "grad", fail)
        with pytest.raises(RuntimeError, match="no memory"):
            one.lens.pixels(image, id)
        assert _state(module) == before
    finally:
        first.requires_grad_(frozen)


def test_the_batch_size_does_not_matter() -> None:
    one = scene()
    lens = Lens(one.truth.network, one.circuit, "cpu")
    id = one.circuit.groups[2].id
    whole = lens.pixels(one.traced[0], id)
    lens._network.batch_size = 3
    assert lens.pixels(one.traced[0], id).values == pytest.approx(whole.values, rel=1e-3, abs=1e-6)


def test_the_smallest_and_the_largest_number_of_nodes_are_allowed() -> None:
    check_nodes(1)
    check_nodes(256)
