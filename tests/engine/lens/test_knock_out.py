"""Knock-outs, compared with running the networks' own modules by hand, and on a network with known effects."""

from __future__ import annotations

import copy

import numpy as np
import PIL.Image
import pytest
import torch
from torch import Tensor, nn

from neurflow.lens.knock_out import factors_of
from neurflow.method.patches import PatchImage, to_input
from neurflow.terms.errors import DataError, ParameterError
from tests.engine import twin
from tests.engine.lens.scene import LAYERS, Scene, Sliced, logit_of, scene, sliced
from tests.engine.planted import STYLES


@pytest.fixture(params=[(style, seed) for style in STYLES for seed in range(2)], ids="{0[0]}-seed{0[1]}".format)
def planted(request: pytest.FixtureRequest) -> Scene:
    return scene(*request.param)


@pytest.fixture(params=twin.KINDS)
def small(request: pytest.FixtureRequest) -> Sliced:
    return sliced(request.param)


def _picture(planted: Scene) -> PIL.Image.Image:
    return planted.traced[0]


def _input(planted: Scene, image: PIL.Image.Image) -> Tensor:
    size = planted.truth.network.preprocessing
    ready = PatchImage.of("", image, size, planted.circuit.parameters.crops)
    return to_input([ready.patch(ready.area, size.input_size)], size)


def _head(planted: Scene) -> nn.Linear:
    head = planted.truth.network.module.get_submodule("fc.linear")
    assert isinstance(head, nn.Linear)
    return head


def _by_hand(planted: Scene, image: PIL.Image.Image, wanted: dict[str, float]) -> Tensor:
    """Return logits in float64 with the groups' neurons scaled, layer by layer."""
    factors = factors_of(planted.circuit, wanted)
    x = _input(planted, image).double()
    module = copy.deepcopy(planted.truth.network.module).double()
    with torch.no_grad():
        for layer, name in enumerate(LAYERS):
            x = module.get_submodule(name)(x)
            if layer in factors:
                own = torch.from_numpy(factors[layer])
                x = x * (own[:, None, None] if x.dim() == 4 else own)
    return x[0]


def test_the_effect_of_a_knock_out_is_the_planted_one(planted: Scene) -> None:
    """The head is linear: the logit loses the weight of each neuron times its mean activation, to the last digit."""
    image, head = _picture(planted), _head(planted)
    with torch.no_grad():
        parts = nn.Sequential(*list(planted.truth.network.module.children())[:3])(_input(planted, image)).mean((2, 3))[
            0
        ]
    for names, sign in ((("poly", "red_only"), -1), (("poly", "stripes_only"), -1), (("ground_only",), 1)):
        group = planted.group("parts", *names)
        found = planted.lens.knock_out(image, group.id)
        assert found.neurons == len(names) and found.factors == ((group.id, 0.0),)
        for change in found.classes:
            cost = -sum(float(head.weight[change.index, a].detach() * parts[a]) for a in group.neurons)
            assert change.logit_change == pytest.approx(cost, rel=1e-4, abs=1e-6)
        before, after = logit_of(found, 0)
        assert (after - before) * sign > 0.05


def test_groups_of_several_layers_are_scaled_together(planted: Scene) -> None:
    image = _picture(planted)
    red, stripes = planted.group("parts", "poly", "red_only"), planted.group("parts", "poly", "stripes_only")
    edges = next(group for group in planted.circuit.groups if group.layer == "edges")
    patterns = planted.group("patterns", *(f"GROUND{i}" for i in range(1, 5)))
    for wanted in (
        {red.id: 0.0, edges.id: 0.0},
        {edges.id: 0.5, patterns.id: 2.0, red.id: 0.25},
        {red.id: 0.5, stripes.id: 0.0},
        {group.id: 0.0 for group in planted.circuit.groups},
    ):
        found = planted.lens.knock_out(image, wanted, random_sets=3)
        plain, scaled = _by_hand(planted, image, {}), _by_hand(planted, image, wanted)
        for change in found.classes:
            expected = (float(plain[change.index]), float(scaled[change.index]))
            assert change.logit == pytest.approx(expected, rel=1e-4, abs=1e-5)
            both = torch.stack([plain, scaled]).softmax(dim=1)[:, change.index].tolist()
            assert change.probability == pytest.approx(tuple(both), rel=1e-4, abs=1e-6)
        assert found.predicted == (int(plain.argmax()), int(scaled.argmax()))


def test_a_neuron_of_several_groups_takes_the_smallest_factor(planted: Scene) -> None:
    red, stripes = planted.group("parts", "poly", "red_only"), planted.group("parts", "poly", "stripes_only")
    (factors,) = factors_of(planted.circuit, {red.id: 0.5, stripes.id: 2.0}).values()
    named = {name: factors[channel] for name, channel in planted.truth.channels["parts"].items()}
    assert named == {"poly": 0.5, "red_only": 0.5, "stripes_only": 2.0, "ground_only": 1.0}
    assert sorted(factors)[2:-1] == [1.0] * (len(factors) - 3)


def test_random_sets_have_as_many_neurons_of_the_same_layer(planted: Scene) -> None:
    """By hand: the same shuffles, and the head's weights."""
    image, head = _picture(planted), _head(planted)
    group = planted.group("parts", "poly", "red_only")
    found = planted.lens.knock_out(image, [group.id], random_sets=50, seed=4)
    assert (found.random_sets, found.seed) == (50, 4)
    with torch.no_grad():
        parts = nn.Sequential(*list(planted.truth.network.module.children())[:3])(_input(planted, image)).mean((2, 3))[
            0
        ]
    generator = np.random.default_rng(4)
    own = factors_of(planted.circuit, {group.id: 0.0})[2]
    for change in found.classes:
        generator = np.random.default_rng(4)
        flows = (head.weight[change.index] * parts).detach().double().numpy()
        changes = [-float(flows[generator.permutation(own) == 0].sum()) for _ in range(50)]
        assert change.random_logit == pytest.approx((np.mean(changes), np.std(changes)), rel=1e-4, abs=1e-5)
    assert planted.lens.knock_out(image, [group.id], 50, 4) == found
    assert planted.lens.knock_out(image, [group.id], 50, 5) != found


def test_without_random_sets_the_comparison_is_zero(planted: Scene) -> None:
    found = planted.lens.knock_out(_picture(planted), planted.circuit.groups[0].id, random_sets=0)
    assert all(change.random_logit == change.random_probability == (0, 0) for change in found.classes)


def test_a_factor_of_one_changes_nothing(planted: Scene) -> None:
    found = planted.lens.knock_out(_picture(planted), {group.id: 1.0 for group in planted.circuit.groups})
    assert found.neurons == 0
    assert all(change.logit[0] == pytest.approx(change.logit[1], rel=1e-5) for change in found.classes)


def test_knocking_out_a_whole_layer_equals_running_the_network_on_zeros(small: Sliced) -> None:
    net = small.net
    for layer, point in enumerate(net.ladder.points):
        maps, _ = small.sliced.maps(net.images[:1])
        found = small.sliced.logits(maps, {layer: torch.zeros(1, point.channels)})
        x = torch.zeros_like(net.maps[layer][:1]).double()
        with torch.no_grad():
            for upper in range(layer + 1, len(net.ladder)):
                x = net.module(upper)(x)
        assert torch.allclose(found.double(), x, atol=1e-5)


def test_rows_are_the_same_alone_and_in_batches(small: Sliced) -> None:
    """For one image with many factors, and for many images with a factor each."""
    net, generator = small.net, torch.Generator().manual_seed(1)
    factors = {
        layer: torch.rand(4, net.ladder.points[layer].channels, generator=generator).double() * 2 for layer in (0, 1)
    }
    maps, _ = small.sliced.maps(net.images)
    one = [value[:1] for value in maps]
    batched = copy.copy(small.sliced)
    batched.batch_size = 3
    for given in (maps, one):
        together = batched.logits(given, factors)
        for row in range(4):
            own = [value[row : row + 1] for value in given] if given is maps else given
            alone = small.sliced.logits(own, {layer: f[row : row + 1] for layer, f in factors.items()})
            assert torch.allclose(together[row], alone[0], atol=1e-5)
            x = net.images[row if given is maps else 0][None].double()
            with torch.no_grad():
                for layer in range(len(net.ladder)):
                    x = net.module(layer)(x)
                    if layer in factors:
                        shape = [1] * x.dim()
                        shape[net.ladder.points[layer].channel_axis] = -1
                        x = x * factors[layer][row].reshape(shape)
            assert torch.allclose(together[row].double(), x[0], atol=1e-4)


def test_the_network_is_left_unchanged(planted: Scene) -> None:
    module, image = planted.truth.network.module, _picture(planted)
    state = {name: value.clone() for name, value in module.state_dict().items()}
    with torch.no_grad():
        before = module(_input(planted, image))
    planted.lens.analyse(image)
    planted.lens.rank(image)
    planted.lens.knock_out(image, {group.id: 0.0 for group in planted.circuit.groups})
    with torch.no_grad():
        assert torch.equal(module(_input(planted, image)), before)
    assert all(torch.equal(value, state[name]) for name, value in module.state_dict().items())
    assert not module.training
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())


def test_invalid_knock_outs_are_refused() -> None:
    planted = scene()
    lens, image = planted.lens, _picture(planted)
    real = planted.circuit.groups[0].id
    for wanted, words in (
        ([], "no group is given"),
        (["parts/99"], "'parts/99' is not a group of this circuit. Did you mean parts/"),
        ({real: -0.5}, f"factor of {real} is -0.5: choose a number from 0 to 10"),
        ({real: 11}, f"factor of {real} is 11"),
        ({real: float("nan")}, f"factor of {real} is nan"),
    ):
        with pytest.raises(ParameterError) as caught:
            lens.knock_out(image, wanted)
        assert words in str(caught.value)
    for sets in (-1, 1001):
        with pytest.raises(ParameterError, match="random_sets is"):
            lens.knock_out(image, real, random_sets=sets)
    for index in (-1, 2):
        with pytest.raises(ParameterError, match="class_index is"):
            lens.rank(image, index)


def test_over_many_images_the_effect_is_the_mean_of_each_image_s(planted: Scene) -> None:
    group = planted.group("parts", "poly", "red_only")
    images, sets = planted.traced[:5], 6
    seen: list[tuple[str, int, int]] = []
    lens = copy.copy(planted.lens)
    lens._network = copy.copy(planted.lens._network)
    lens._network.batch_size = 2
    found = lens.knock_out_across(images, group.id, None, sets, 3, lambda *call: seen.append(call))
    alone = [planted.lens.knock_out(image, group.id, sets, 3) for image in images]
    changes = [next(change for change in one.classes if change.index == 0) for one in alone]
    for side in (0, 1):
        assert found.logit[side] == pytest.approx(np.mean([change.logit[side] for change in changes]), rel=1e-5)
        assert found.accuracy[side] == np.mean([one.predicted[side] == 0 for one in alone])
    assert found.random_logit[0] == pytest.approx(np.mean([change.random_logit[0] for change in changes]), rel=1e-4)
    assert (found.class_index, found.images) == (0, 5)
    assert seen == [("knock-out", done, 5) for done in (0, 2, 4, 5)]
    assert lens.knock_out_across(images, {group.id: 1.0}).accuracy[0] == found.accuracy[0] == 1


def test_knocking_out_all_that_counts_for_the_class_lowers_its_accuracy(planted: Scene) -> None:
    parts = [group.id for group in planted.circuit.groups if group.layer == "parts"]
    found = planted.lens.knock_out_across(planted.traced, parts, random_sets=0)
    assert found.accuracy[0] == 1 and found.logit[1] < found.logit[0] / 2
    assert found.random_accuracy == found.random_logit == (0, 0)


def test_an_empty_list_of_images_is_refused() -> None:
    with pytest.raises(DataError, match="no images are given"):
        scene().lens.knock_out_across([], scene().circuit.groups[0].id)
