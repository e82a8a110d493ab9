"""Networks by name: built, loaded, named and ready, or an error that says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
import timm
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn
from torchvision import models
from torchvision.models import WeightsEnum

from neurflow.demo.network import DemoNetwork, build
from neurflow.demo.sources import CLASSES
from neurflow.network.networks import Network, load_network
from neurflow.network.preprocessing import IMAGENET, Preprocessing, adjust
from neurflow.network.sources import find_blueprint, from_demo, from_timm
from neurflow.network.weights import digest
from neurflow.terms.errors import NetworkError, ParameterError

State = dict[str, torch.Tensor]
TINY = "torchvision/squeezenet1_1"


@pytest.fixture(autouse=True)
def _torch_as_it_was() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the networks are small, and tests run in parallel
    with torch.random.fork_rng(devices=[]):
        yield
    torch.set_num_threads(threads)


@pytest.fixture
def classes(tmp_path: Path) -> Callable[[int], Path]:
    def write(count: int) -> Path:
        path = tmp_path / f"{count}.txt"
        path.write_text("".join(f"kind {index}\n" for index in range(count)), encoding="utf-8")
        return path

    return write


@pytest.fixture
def factory_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(
        "from dataclasses import dataclass\n"
        "from torch import nn\n"
        "@dataclass\n"
        "class Options:\n"
        "    'Looks its module up.'\n"
        "    width: int = 4\n"
        "def make(): return nn.Sequential(nn.Conv2d(3, Options().width, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())\n"
        "def features(): return nn.Conv2d(3, 4, 3)\n"
        "def pair():\n"
        "    class Pair(nn.Module):\n"
        "        def forward(self, x): return x, x\n"
        "    return Pair()\n"
        "def fails(): raise KeyError('width')\n"
        "def number(): return 3\n"
        "constant = 5\n",
        encoding="utf-8",
    )
    return path


def _published(monkeypatch: pytest.MonkeyPatch, architecture: str, **options: Any) -> State:
    """Replace torchvision's weights of ``architecture``, as if these had been downloaded; return them."""
    torch.manual_seed(5)
    state: State = models.get_model(architecture, **options).state_dict()
    monkeypatch.setattr(WeightsEnum, "get_state_dict", lambda self, *args, **kwargs: dict(state))
    return state


def _logits(module: nn.Module, size: int) -> torch.Tensor:
    torch.manual_seed(1)
    with torch.no_grad():
        logits: torch.Tensor = module.eval()(torch.rand(1, 3, size, size))
        return logits


# Untrained networks


def test_untrained_networks_are_reproducible_and_do_not_change_torch_s_generator() -> None:
    before = torch.get_rng_state()
    first, second = load_network(f"{TINY}:random"), load_network(f"{TINY}:random")
    assert torch.equal(torch.get_rng_state(), before)
    assert first.digest == second.digest == digest(first.module)
    assert first.digest.startswith("sha256:") and len(first.digest) == 71


def test_an_untrained_network_has_imagenets_names_and_the_input_of_its_default_weights() -> None:
    network = load_network(f"{TINY}:random")
    assert network.spec == f"{TINY}:random"
    assert network.preprocessing == Preprocessing(224, 256, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert len(network.classes) == 1000 and network.classes[281] == "tabby"
    assert not network.module.training


@pytest.mark.parametrize(("architecture", "size", "resize"), [("googlenet", 224, 256), ("inception_v3", 299, 342)])
def test_networks_with_auxiliary_heads_are_built_without_them_and_without_a_warning(
    architecture: str, size: int, resize: int
) -> None:
    network = load_network(f"torchvision/{architecture}:random")
    assert (network.preprocessing.input_size, network.preprocessing.resize) == (size, resize)
    assert not any("aux" in key.lower() for key in network.module.state_dict())


def test_an_untrained_network_has_as_many_outputs_as_there_are_class_names(classes: Callable[[int], Path]) -> None:
    for spec in (f"{TINY}:random", "timm/test_resnet:random"):
        network = load_network(spec, classes=classes(7))
        assert network.classes == tuple(f"kind {index}" for index in range(7))
        assert _logits(network.module, 64).shape == (1, 7)


# Trained networks from torchvision


def test_without_a_tag_torchvision_s_default_weights_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    state: State = models.mobilenet_v2().state_dict()

    def record(self: WeightsEnum, *args: Any, **kwargs: Any) -> State:
        asked.append((self.name, kwargs))
        return state

    monkeypatch.setattr(WeightsEnum, "get_state_dict", record)
    network = load_network("torchvision/mobilenet_v2")
    load_network("torchvision/mobilenet_v2:imagenet1k_v1")
    assert [name for name, _ in asked] == ["IMAGENET1K_V2", "IMAGENET1K_V1"]
    assert all(kwargs["weights_only"] is True and kwargs["check_hash"] is True for _, kwargs in asked)
    assert network.preprocessing.resize == 232
    assert network.digest == digest(network.module) != load_network("torchvision/mobilenet_v2:random").digest


@pytest.mark.parametrize("architecture", ["googlenet", "inception_v3"])
def test_trained_networks_equal_torchvision_s_without_auxiliary_heads(
    architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _published(monkeypatch, architecture, aux_logits=True, init_weights=True)
    network = load_network(f"torchvision/{architecture}", input_size=96)
    expected = models.get_model(architecture, weights="DEFAULT")
    torch.testing.assert_close(_logits(network.module, 96), _logits(expected, 96), rtol=0, atol=0)
    own, theirs = network.module.state_dict(), expected.state_dict()
    assert own.keys() == {key for key in theirs if "aux" not in key.lower()}
    assert all(torch.equal(own[key], theirs[key]) for key in own)


def test_older_densenet_weights_are_converted_also_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = _published(monkeypatch, "densenet121")
    old = {key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): value for key, value in state.items()}
    monkeypatch.setattr(WeightsEnum, "get_state_dict", lambda self, *args, **kwargs: dict(old))
    torch.save(old, tmp_path / "old.pth")
    fetched = load_network("torchvision/densenet121", input_size=64)
    assert fetched.digest == load_network("torchvision/densenet121", weights=tmp_path / "old.pth", input_size=64).digest
    for key, value in fetched.module.state_dict().items():
        assert torch.equal(value, state[key])


def test_a_transformer_s_weights_decide_its_image_size() -> None:
    blueprint = find_blueprint("torchvision/vit_b_16:IMAGENET1K_SWAG_E2E_V1", allow_code=False)
    assert blueprint.preprocessing.input_size == 384 == blueprint.preprocessing.resize
    with torch.device("meta"):
        state = blueprint.untrained(None).state_dict()
    assert state["encoder.pos_embedding"].shape == (1, 24 * 24 + 1, 768)


def test_a_failed_download_of_weights_is_reported_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(self: WeightsEnum, *args: Any, **kwargs: Any) -> State:
        raise OSError("name not\nknown")

    monkeypatch.setattr(WeightsEnum, "get_state_dict", offline)
    with pytest.raises(NetworkError) as caught:
        load_network(TINY)
    assert str(caught.value) == (
        f"the weights IMAGENET1K_V1 of {TINY} could not be downloaded (OSError: name not known): "
        f"give them in a file (--weights), or use untrained ones: {TINY}:random"
    )


def test_class_names_for_trained_weights_must_be_as_many_as_their_outputs(
    monkeypatch: pytest.MonkeyPatch, classes: Callable[[int], Path]
) -> None:
    _published(monkeypatch, "squeezenet1_1")
    with pytest.raises(NetworkError, match=r"7\.txt hold 7 names, but torchvision/squeezenet1_1 has 1000 outputs"):
        load_network(TINY, classes=classes(7))


# Weights from a file


@pytest.mark.parametrize("spec", [TINY, "timm/test_resnet"])
def test_with_a_weights_file_nothing_is_downloaded_and_its_outputs_count(
    spec: str, tmp_path: Path, classes: Callable[[int], Path]
) -> None:
    trained = load_network(f"{spec}:random", classes=classes(7))
    save_file(trained.module.state_dict(), tmp_path / "w.safetensors")
    network = load_network(spec, weights=tmp_path / "w.safetensors")
    assert network.digest == trained.digest
    assert network.classes == tuple(f"class {index}" for index in range(7))
    named = load_network(spec, weights=tmp_path / "w.safetensors", classes=classes(7))
    assert named.classes == trained.classes
    with pytest.raises(NetworkError, match=r"9\.txt hold 9 names, but .* has 7 outputs"):
        load_network(spec, weights=tmp_path / "w.safetensors", classes=classes(9))


def test_weights_with_imagenets_number_of_outputs_keep_its_names(tmp_path: Path) -> None:
    network = load_network(f"{TINY}:random")
    torch.save({"state_dict": network.module.state_dict()}, tmp_path / "w.pth")
    assert load_network(TINY, weights=tmp_path / "w.pth").classes == network.classes


def test_auxiliary_heads_in_a_file_are_left_out(tmp_path: Path) -> None:
    state = models.googlenet(aux_logits=True, init_weights=True, num_classes=5).state_dict()
    torch.save(state, tmp_path / "w.pth")
    network = load_network("torchvision/googlenet", weights=tmp_path / "w.pth", input_size=64)
    assert len(network.classes) == 5
    own = network.module.state_dict()
    assert own and all(torch.equal(value, state[key]) for key, value in own.items())


def test_weights_of_another_network_are_refused_with_the_first_keys(tmp_path: Path) -> None:
    torch.save(models.squeezenet1_0().state_dict(), tmp_path / "w.pth")
    with pytest.raises(NetworkError, match=r"w\.pth does not fit the network: .*features\.[\w.]+ is .* in the file"):
        load_network(TINY, weights=tmp_path / "w.pth")
    torch.save({"fc.weight": torch.zeros(3, 4)}, tmp_path / "x.pth")
    with pytest.raises(NetworkError, match=r"missing features\.0\.weight, .* in all\); unexpected fc\.weight"):
        load_network(TINY, weights=tmp_path / "x.pth")


# timm


def test_a_timm_network_takes_its_metadata_from_its_configuration() -> None:
    network = load_network("timm/test_vit:random")
    config = timm.get_pretrained_cfg("test_vit")
    assert config is not None
    assert network.preprocessing == Preprocessing(160, int(160 / 0.95), config.mean, config.std)
    assert len(network.classes) == 1000 and network.classes[281] == "tabby"
    assert network.digest == load_network("timm/test_vit:random").digest


def test_trained_timm_weights_are_loaded_by_timm(monkeypatch: pytest.MonkeyPatch) -> None:
    create = timm.create_model
    asked: list[tuple[str, dict[str, Any]]] = []

    def record(name: str, **options: Any) -> nn.Module:
        asked.append((name, options))
        return create(name, **options | {"pretrained": False})

    monkeypatch.setattr(from_timm, "get_session", lambda: SimpleNamespace(head=lambda url, timeout: None))
    monkeypatch.setattr(timm, "create_model", record)
    network = load_network("timm/test_resnet.r160_in1k")
    assert asked == [("test_resnet.r160_in1k", {"pretrained": True})]
    assert network.spec == "timm/test_resnet.r160_in1k" and not network.module.training


def test_an_unreachable_hub_is_asked_once_and_reported_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def head(url: str, timeout: float) -> None:
        calls.append(url)
        raise ConnectionError("no route")

    monkeypatch.setattr(from_timm, "get_session", lambda: SimpleNamespace(head=head))
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *args: None)
    with pytest.raises(NetworkError) as caught:
        load_network("timm/test_resnet.r160_in1k")
    assert str(caught.value) == (
        "the weights of timm/test_resnet.r160_in1k could not be downloaded (ConnectionError: no route): "
        "give weights in a file (--weights), or use untrained ones: timm/test_resnet.r160_in1k:random"
    )
    assert len(calls) == 1


def test_timm_weights_in_the_cache_need_no_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda repository, file: str(tmp_path / file))
    create = timm.create_model
    monkeypatch.setattr(timm, "create_model", lambda name, **options: create(name, num_classes=4))
    monkeypatch.setattr(from_timm, "get_session", lambda: pytest.fail("the hub was asked"))
    assert len(load_network("timm/test_resnet.r160_in1k").classes) == 4


def test_timm_weights_for_features_are_not_a_classifier() -> None:
    with pytest.raises(NetworkError, match=r"convnext_tiny\.dinov3_lvd1689m give features, not classes"):
        load_network("timm/convnext_tiny.dinov3_lvd1689m")
    assert len(load_network("timm/convnext_tiny.dinov3_lvd1689m:random", input_size=64).classes) == 1000


# The demo


def test_the_demo_is_a_network_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_demo, "demo_network", lambda: build(seed=3))
    network = load_network("demo/photos")
    assert network.classes == CLASSES
    assert network.preprocessing.input_size == 96
    assert not network.module.training
    assert network.digest == digest(build(seed=3))


def test_the_demo_s_architecture_accepts_other_weights(tmp_path: Path) -> None:
    torch.save(DemoNetwork(5).state_dict(), tmp_path / "w.pth")
    assert len(load_network("demo/photos", weights=tmp_path / "w.pth").classes) == 5


# Python files


def test_a_factory_makes_the_network_on_the_command_line_only(factory_file: Path) -> None:
    network = load_network(f"{factory_file}:make", allow_code=True)
    assert network.classes == ("class 0", "class 1", "class 2", "class 3")
    assert network.preprocessing == IMAGENET
    assert network.digest == load_network(f"{factory_file}:make", allow_code=True).digest
    with pytest.raises(NetworkError, match="runs from the command line only"):
        load_network(f"{factory_file}:make")


def test_code_that_is_not_allowed_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "evil.py"
    path.write_text(f"open({str(tmp_path / 'run')!r}, 'w').close()\ndef make(): pass\n", encoding="utf-8")
    with pytest.raises(NetworkError):
        load_network(f"{path}:make")
    assert not (tmp_path / "run").exists()


def test_a_factory_s_network_accepts_weights_and_names(
    factory_file: Path, tmp_path: Path, classes: Callable[[int], Path]
) -> None:
    network = load_network(f"{factory_file}:make", allow_code=True)
    state = {key: value + 1 for key, value in network.module.state_dict().items()}
    save_file(state, tmp_path / "w.safetensors")
    other = load_network(
        f"{factory_file}:make", weights=tmp_path / "w.safetensors", classes=classes(4), allow_code=True
    )
    assert other.digest != network.digest and other.classes[3] == "kind 3"
    with pytest.raises(NetworkError, match=r"5\.txt hold 5 names, but .*mine\.py:make has 4 outputs"):
        load_network(f"{factory_file}:make", classes=classes(5), allow_code=True)


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (":mke", r"mine\.py has no 'mke'\. Did you mean make\?"),
        (":constant", r"constant in .*mine\.py is a int: name a function"),
        (":fails", "its factory failed: KeyError: 'width'"),
        (":number", "its factory returned a int, not a torch.nn.Module"),
        (":features", r"returns \(1, 4, 222, 222\) for one image, not logits \(1, classes\)"),
        (":pair", "returns a tuple, not a tensor of logits"),
        ("", r"names no factory: write .*mine\.py:NAME"),
    ],
)
def test_a_factory_that_returns_no_network_is_reported(factory: str, message: str, factory_file: Path) -> None:
    with pytest.raises(NetworkError, match=message):
        load_network(f"{factory_file}{factory}", allow_code=True)


def test_a_python_file_that_cannot_be_run_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"the Python file .*absent\.py does not exist"):
        load_network(f"{tmp_path / 'absent.py'}:make", allow_code=True)
    (tmp_path / "broken.py").write_text("def make(:\n", encoding="utf-8")
    with pytest.raises(NetworkError, match=r"broken\.py cannot be run: SyntaxError"):
        load_network(f"{tmp_path / 'broken.py'}:make", allow_code=True)


# Unknown names


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("torchvision/resnet5O", r"no classifier 'resnet5O'\. Did you mean resnet50.*lists them"),
        ("torchvision/fcn_resnet50", "no classifier 'fcn_resnet50'"),
        ("torchvision/resnet50:V9", "no weights 'V9': choose from IMAGENET1K_V1, IMAGENET1K_V2, DEFAULT, random"),
        ("torchvision/vgg16:IMAGENET1K_FEATURES", "have no trained classifier: choose from IMAGENET1K_V1"),
        ("timm/rsnet18", r"no network 'rsnet18'\. Did you mean resnet18.*lists them"),
        ("timm/test_resnet.nope", "no weights 'nope' of test_resnet: choose from r160_in1k"),
        ("timm/resnet18:IMAGENET1K_V1", "'IMAGENET1K_V1' is not a variant"),
        ("timm/vit_base_patch16_sapiens2:random", r"expects 3×1024×768 input: only 3×S×S"),
        ("resnet50", "Did you mean torchvision/resnet50 or timm/resnet50"),
        ("demo/photo", "Did you mean demo/photos"),
        ("torchvision/", "unknown network 'torchvision/': write demo/photos, torchvision/NAME"),
        ("", "unknown network '': write demo/photos"),
    ],
)
def test_an_unknown_name_is_reported_with_near_misses_and_how_to_list(spec: str, message: str) -> None:
    with pytest.raises(NetworkError, match=message) as caught:
        load_network(spec)
    assert "\n" not in str(caught.value)


# Class names


def _with_names(path: Path, content: bytes) -> Network:
    path.write_bytes(content)
    return load_network("timm/test_resnet:random", classes=path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "cat\nvélo, bike\n\n".encode()),
        ("a.txt", "\ufeffcat\r\n  vélo, bike \r\n".encode()),
        ("a.json", json.dumps(["cat", "vélo, bike"]).encode()),
    ],
)
def test_class_names_are_lines_or_a_json_list(name: str, content: bytes, tmp_path: Path) -> None:
    assert _with_names(tmp_path / name, content).classes == ("cat", "vélo, bike")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"\n\n", "are empty"),
        ("a.txt", b"cat\n\ndog\n", "the name of output 1 is empty"),
        ("a.txt", b"\xff\xfe\x00", "are not UTF-8 text"),
        ("a.json", b"[1", "are not valid JSON"),
        ("a.json", b'{"0": "cat"}', "hold a JSON dict: give a list of strings"),
        ("a.json", b"[1, 2]", "give a list of strings"),
    ],
)
def test_an_invalid_class_file_is_reported(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=message):
        _with_names(tmp_path / name, content)


def test_a_missing_class_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"absent\.txt cannot be opened: No such file"):
        load_network("timm/test_resnet:random", classes=tmp_path / "absent.txt")


# Input


def test_options_override_the_preprocessing_of_the_weights() -> None:
    network = load_network(f"{TINY}:random", input_size=112, mean=[0, 0.5, 1], std=(1, 2, 3))
    assert network.preprocessing == Preprocessing(112, 128, (0.0, 0.5, 1.0), (1.0, 2.0, 3.0))


@given(size=st.integers(8, 4096), base=st.integers(8, 600), border=st.integers(0, 300))
def test_another_input_size_keeps_the_share_of_the_image(size: int, base: int, border: int) -> None:
    given_by_weights = Preprocessing(base, base + border, IMAGENET.mean, IMAGENET.std)
    adjusted = adjust(given_by_weights, input_size=size)
    assert adjusted.input_size == size <= adjusted.resize
    assert abs(adjusted.resize - size * (base + border) / base) <= 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_size": 7}, "input size is 7: choose a number of pixels from 8 to 4096"),
        ({"input_size": 4097}, "input size is 4097"),
        ({"mean": [0.5]}, "mean has 1 numbers"),
        ({"mean": [0.5, float("nan"), 0.5]}, r"mean is 0\.5,nan,0\.5: each number must be finite"),
        ({"std": [0.2, 0.0, 0.2]}, r"std is 0\.2,0\.0,0\.2: each number must be above 0"),
        ({"std": [0.2, 0.2]}, "std has 2 numbers"),
    ],
)
def test_an_invalid_number_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        load_network(f"{TINY}:random", **options)


def test_an_unsuitable_input_size_is_reported() -> None:
    with pytest.raises(NetworkError, match=r"does not accept input of 3×8×8.*: choose another input size"):
        load_network(f"{TINY}:random", input_size=8)
