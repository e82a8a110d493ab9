"""Training of the demo's network, on a few crops."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from neurflow.demo import train
from neurflow.demo.augment import augment
from neurflow.demo.card import Accuracy
from neurflow.demo.measure import load_crops, measure, normalise
from neurflow.demo.network import build, demo_network
from neurflow.demo.pictures import Photos
from neurflow.demo.sources import CLASSES
from neurflow.demo.train import train_demo
from neurflow.terms.errors import Cancelled, NumericalError, ParameterError, StorageError

TINY = Photos(train=4, test=2)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Accuracy]:
    out = tmp_path_factory.mktemp("demo") / "new" / "folder"
    return out, train_demo(out, epochs=2, seed=3, photos=TINY)


def test_training_writes_weights_and_card_and_nothing_else(trained: tuple[Path, Accuracy]) -> None:
    out, accuracy = trained
    assert sorted(path.name for path in out.iterdir()) == ["photos.md", "photos.safetensors"]
    card = (out / "photos.md").read_text(encoding="utf-8")
    assert f"{100 * accuracy.overall:.2f} %" in card
    assert "| epochs | 2 |" in card and "| seed | 3 |" in card and "64 training crops" in card


def test_the_stated_accuracy_is_that_of_the_written_weights(trained: tuple[Path, Accuracy]) -> None:
    out, accuracy = trained
    assert measure(demo_network(out / "photos.safetensors"), load_crops(TINY, "test")) == accuracy
    assert set(accuracy.count.values()) == {2}


def test_the_same_seed_gives_the_same_files(trained: tuple[Path, Accuracy], tmp_path: Path) -> None:
    out, _ = trained
    before = torch.random.get_rng_state()
    train_demo(tmp_path, epochs=2, seed=3, photos=TINY)
    assert torch.equal(torch.random.get_rng_state(), before)
    for name in ("photos.md", "photos.safetensors"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()


def test_another_seed_gives_other_weights(trained: tuple[Path, Accuracy], tmp_path: Path) -> None:
    train_demo(tmp_path, epochs=2, seed=4, photos=TINY)
    ours, theirs = (load_file(folder / "photos.safetensors")["conv1.weight"] for folder in (tmp_path, trained[0]))
    assert not torch.equal(ours, theirs)


def test_progress_rises_from_zero_to_the_total(tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    train_demo(tmp_path, epochs=1, photos=TINY, progress=lambda *call: calls.append(call))
    stages = list(dict.fromkeys(stage for stage, _, _ in calls))
    assert stages == ["crops: train", "crops: test", "training", "test"]
    for stage in stages:
        done = [(done, total) for name, done, total in calls if name == stage]
        assert done[0][0] == 0 and done[-1][0] == done[-1][1]
        assert done == sorted(done)


def test_a_cancelled_training_leaves_the_older_files(tmp_path: Path) -> None:
    (tmp_path / "photos.md").write_text("older", encoding="utf-8")

    def cancel(stage: str, done: int, total: int) -> None:
        if stage == "test":
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        train_demo(tmp_path, epochs=1, photos=TINY, progress=cancel)
    assert [path.name for path in tmp_path.iterdir()] == ["photos.md"]
    assert (tmp_path / "photos.md").read_text(encoding="utf-8") == "older"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError, match="taken cannot be written"):
        train_demo(taken, epochs=1, photos=TINY)
    assert taken.read_text(encoding="utf-8") == "a file"


def test_a_full_disk_leaves_the_older_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photos.safetensors").write_bytes(b"older")

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match=r"cannot be written \(No space left on device\)"):
        train._write(tmp_path, b"weights", "card")
    assert [path.name for path in tmp_path.iterdir()] == ["photos.safetensors"]
    assert (tmp_path / "photos.safetensors").read_bytes() == b"older"


def test_a_nan_loss_stops_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "normalise", lambda pixels: pixels * float("nan"))
    with pytest.raises(NumericalError, match="loss is nan in epoch 1"):
        train_demo(tmp_path, epochs=1, photos=TINY)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("epochs", "seed", "message"), [(0, 0, "epochs is 0"), (1001, 0, "1001"), (1, -1, "seed is -1")]
)
def test_a_number_out_of_range_is_named(tmp_path: Path, epochs: int, seed: int, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        train_demo(tmp_path, epochs=epochs, seed=seed, photos=TINY)


def test_training_needs_crops_of_both_splits(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="no test crops"):
        train_demo(tmp_path, photos=Photos(train=1, test=0))


def test_crops_in_memory_equal_those_of_the_data_set() -> None:
    crops = load_crops(TINY, "test")
    assert crops.pixels.shape == (32, 3, 96, 96) and crops.pixels.dtype == torch.uint8
    assert crops.labels.tolist() == [number for number in range(len(CLASSES)) for _ in range(2)]
    ref = next(ref for ref in TINY.images if ref.id == "test/cat/0001")
    assert crops.pixels[3].permute(1, 2, 0).numpy().tobytes() == TINY.load(ref).tobytes()


def test_normalising_subtracts_the_mean_and_divides() -> None:
    pixels = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    slowly = [[((pixels[n, c] - mean[c]) / std[c]) for c in range(3)] for n in range(2)]
    torch.testing.assert_close(normalise(pixels), torch.stack([torch.stack(row) for row in slowly]))


def test_measuring_counts_by_class() -> None:
    network = build()
    torch.nn.init.zeros_(network.fc.weight)
    torch.nn.init.zeros_(network.fc.bias)
    with torch.no_grad():
        network.fc.bias[CLASSES.index("moon")] = 1
    accuracy = measure(network, load_crops(TINY, "test"))
    assert accuracy.right == {name: 2 * (name == "moon") for name in CLASSES}
    assert accuracy.overall == 1 / 16


@pytest.mark.parametrize("seed", [0, 1])
def test_augmented_crops_keep_shape_and_range_and_follow_the_seed(seed: int) -> None:
    crops = load_crops(TINY, "test").pixels.float() / 255
    kept = crops.clone()
    first = augment(crops, torch.Generator().manual_seed(seed))
    again = augment(crops, torch.Generator().manual_seed(seed))
    assert torch.equal(crops, kept)
    assert torch.equal(first, again)
    assert first.shape == crops.shape
    assert float(first.min()) >= 0 and float(first.max()) <= 1
    assert not torch.equal(first, crops)
