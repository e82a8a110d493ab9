"""Names of networks and data sets in requests, and the options of networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from neurflow_store.asking import registry
from neurflow_store.asking.specs import allowed_folder, checked_dataset_spec, checked_network_spec
from neurflow_store.errors import BadValue
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import (
    Job,
    Network,
)
from tests.services.fixtures import RecordingAnnouncer
from tests.store.registering import count


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"input_size": 4}, "options.input_size: .* greater than or equal to 8"),
        ({"mean": [0.5, 0.5]}, r"options.mean"),
        ({"std": [1, 1, 0]}, r"options.std.2: .* greater than 0"),
        ({"std": [1, 1, float("inf")]}, r"options.std.2: .* finite"),
        ({"classes": []}, "options.classes"),
        ({"classes": ["cat", "  "]}, "options.classes.1"),
        ({"classes": ["c\0t"]}, "options.classes.0"),
        ({"allow_code": True}, "options.allow_code: Extra inputs"),
    ],
)
def test_options_out_of_range_are_refused(
    database: Database, announcer: RecordingAnnouncer, options: dict[str, Any], says: str
) -> None:
    with database.writing() as session, pytest.raises(BadValue, match=says):
        registry.register_network(session, announcer, spec="demo/photos", options=options)
    assert count(database, Network) == count(database, Job) == 0


@pytest.mark.parametrize(
    "spec",
    [
        "demo/photos",
        "torchvision/vit_b_16",
        "torchvision/resnet18:random",
        "timm/convnext_tiny.fb_in1k",
        "timm/tf_efficientnet_b0.ns_jft_in1k",
        "timm/resnet18:random",
        "timm/vit-x_1",
    ],
)
def test_names_of_networks_are_accepted(spec: str) -> None:
    assert checked_network_spec(spec) == spec


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "resnet18",
        "demo/other",
        "torchvision/",
        "torchvision/../x",
        "torchvision/resnet18:",
        "timm/hf_hub:user/model",
        "timm/hf-hub:user/model",
        "timm/local-dir:/etc",
        "timm/resnet18:other",
        "timm/.x",
        "http://host/model.bin",
        "demo/photos\n",
        "torchvision/resnet18\0",
        "torchvision/réseau",
        "timm/" + "a" * 300,
    ],
)
def test_other_names_of_networks_are_refused(spec: str) -> None:
    with pytest.raises(BadValue, match="unknown network .*: use demo/photos, torchvision/NAME"):
        checked_network_spec(spec)


@pytest.mark.parametrize("spec", ["net.py:make", "/srv/net.py:make", "timm/net.py", "torchvision/x.py:make", "net.py"])
def test_a_request_cannot_name_code(spec: str) -> None:
    with pytest.raises(BadValue, match="is Python code, which requests cannot run"):
        checked_network_spec(spec)


def test_a_folder_below_an_allowed_root_is_a_data_set(
    database: Database, announcer: RecordingAnnouncer, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "data" / "cats").mkdir(parents=True)
    (tmp_path / "data" / "link").symlink_to("cats")
    settings = make_settings(data_roots=(tmp_path / "data",))
    ids = set()
    for path in ("cats", "link", "cats/", "./cats", "link/../cats"):
        with database.writing() as session:
            dataset = registry.register_dataset(session, announcer, settings, spec=f"folder/{tmp_path}/data/{path}")
        assert dataset.spec == f"folder/{(tmp_path / 'data' / 'cats').resolve()}"
        ids.add(dataset.id)
    assert len(ids) == 1
    assert dataset.name == "cats"


@pytest.mark.parametrize("path", ["", ".", "photos", "~/photos", "data\0", "x" * 2000])
def test_a_folder_must_have_an_absolute_path(make_settings: Callable[..., Settings], path: str) -> None:
    with pytest.raises(BadValue, match="is not an absolute path"):
        checked_dataset_spec(f"folder/{path}", make_settings(data_roots=("/",)))


def test_no_folder_is_allowed_without_a_root(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    with pytest.raises(BadValue, match=r"add a parent folder to the setting data_roots \(NEURFLOW_DATA_ROOTS\)"):
        allowed_folder(str(tmp_path), make_settings())


def test_folders_outside_the_roots_are_refused(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    for name in ("data", "data-secret", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "out").symlink_to(tmp_path / "other")
    (tmp_path / "data" / "circle").symlink_to("circle")
    settings = make_settings(data_roots=(tmp_path / "data",))
    for path in ("other", "data-secret", "data/../other", "data/out", "nowhere", "data/circle", ""):
        with pytest.raises(BadValue, match="is outside the folders of the setting data_roots|does not exist"):
            allowed_folder(f"{tmp_path}/{path}", settings)
    with pytest.raises(BadValue, match="outside"):
        allowed_folder(str(tmp_path / "data" / "out"), settings)
    (tmp_path / "data" / "file").write_text("")
    for name in ("file", "missing"):
        with pytest.raises(BadValue, match=f"{name}' does not exist or is not a folder"):
            allowed_folder(str(tmp_path / "data" / name), settings)


@pytest.mark.parametrize(
    "spec", ["", "photos", "demo/other", "upload/cats", "torchvision/../x", "timm/x", "torchvision/"]
)
def test_other_names_of_data_sets_are_refused(make_settings: Callable[..., Settings], spec: str) -> None:
    with pytest.raises(BadValue, match="unknown data set .*: use demo/photos, torchvision/NAME or folder/PATH"):
        checked_dataset_spec(spec, make_settings())
