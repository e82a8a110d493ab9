"""Checks for the specs of networks and data sets in requests: no code, and no files outside the data roots.

The command line accepts more specs (``neurflow trace --network path/to/file.py:factory``): whoever can run a command
could run that code anyway.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from neurflow_store.errors import BadValue
from neurflow_store.installation.settings import Settings

_NETWORK: Final = re.compile(r"demo/photos|(torchvision/\w+(:\w+)?|timm/\w[\w.-]*(:random)?)", re.ASCII)
_DATASET: Final = re.compile(r"demo/photos|torchvision/\w+", re.ASCII)
_FOLDER: Final = "folder/"
_MOST: Final = 300
_MOST_PATH: Final = 900


def checked_network_spec(spec: str) -> str:
    """Return the spec of a network if it is valid.

    Raises:
        BadValue: it is not, or names Python code.

    >>> checked_network_spec("torchvision/resnet50:IMAGENET1K_V2")
    'torchvision/resnet50:IMAGENET1K_V2'
    """
    if re.search(r"\.py\b", spec):
        raise BadValue(
            f"network {_shown(spec)} is Python code, which requests cannot run: trace it on the command line "
            "with neurflow trace, and import the circuit"
        )
    if len(spec) > _MOST or _NETWORK.fullmatch(spec) is None:
        raise BadValue(f"unknown network {_shown(spec)}: use demo/photos, torchvision/NAME[:WEIGHTS] or timm/NAME")
    return spec


def checked_dataset_spec(spec: str, settings: Settings) -> str:
    """Return the spec of a data set if it is valid; a folder's with its path resolved.

    Raises:
        BadValue: it is not, or names a folder that requests may not read.
    """
    if spec.startswith(_FOLDER):
        return f"{_FOLDER}{allowed_folder(spec.removeprefix(_FOLDER), settings)}"
    if len(spec) > _MOST or _DATASET.fullmatch(spec) is None:
        raise BadValue(
            f"unknown data set {_shown(spec)}: use demo/photos, torchvision/NAME or folder/PATH, or upload an archive"
        )
    return spec


def allowed_folder(path: str, settings: Settings) -> Path:
    """Return the resolved folder at ``path`` if it is within ``data_roots``.

    Workers check it again before they read it, because a link may have been created since.

    Raises:
        BadValue: it is outside, not an absolute path, or not a folder.
    """
    if "\0" in path or len(os.fsencode(path)) > _MOST_PATH or not Path(path).is_absolute():
        raise BadValue(
            f"folder {_shown(path)} is not an absolute path: use folder//srv/photos for the folder /srv/photos"
        )
    if not settings.data_roots:
        raise BadValue(
            f"folder {_shown(path)} cannot be used: add a parent folder to the setting data_roots "
            "(NEURFLOW_DATA_ROOTS), which is empty"
        )
    try:
        folder = Path(path).resolve()
        within = any(folder.is_relative_to(root.resolve()) for root in settings.data_roots)
    except (OSError, RuntimeError):  # RuntimeError: circular links
        within = False
    # Check this before whether it exists: requests must not learn what exists elsewhere.
    if not within:
        raise BadValue(f"folder {_shown(path)} is outside the folders of the setting data_roots")
    if not folder.is_dir():
        raise BadValue(f"folder {_shown(path)} does not exist or is not a folder")
    return folder


def _shown(spec: str) -> str:
    return repr(spec if len(spec) <= 100 else f"{spec[:100]}…")
