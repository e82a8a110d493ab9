"""The strings by which networks and data sets may be named in a request: no code, and no file outside the roots.

The command line takes more of them (``neurflow trace --network path/to/file.py:factory``); who types a command there
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
    """The name of a network, if it has the form of one.

    Raises:
        BadValue: it has not, or names Python code.

    >>> checked_network_spec("torchvision/resnet50:IMAGENET1K_V2")
    'torchvision/resnet50:IMAGENET1K_V2'
    """
    if re.search(r"\.py\b", spec):
        raise BadValue(
            f"network {_shown(spec)} names Python code, which no request may have run: trace it on the command line, "
            "with neurflow trace, and import the circuit"
        )
    if len(spec) > _MOST or _NETWORK.fullmatch(spec) is None:
        raise BadValue(f"unknown network {_shown(spec)}: write demo/photos, torchvision/NAME[:WEIGHTS] or timm/NAME")
    return spec


def checked_dataset_spec(spec: str, settings: Settings) -> str:
    """The name of a data set, if it has the form of one; a folder's by its path without links.

    Raises:
        BadValue: it has not, or names a folder that may not be read.
    """
    if spec.startswith(_FOLDER):
        return f"{_FOLDER}{allowed_folder(spec.removeprefix(_FOLDER), settings)}"
    if len(spec) > _MOST or _DATASET.fullmatch(spec) is None:
        raise BadValue(
            f"unknown data set {_shown(spec)}: write demo/photos, torchvision/NAME or folder/PATH, or upload an archive"
        )
    return spec


def allowed_folder(path: str, settings: Settings) -> Path:
    """The folder at ``path`` after all links, if it lies within ``data_roots``.

    Workers ask again before they read it: a link may have been put in its place since.

    Raises:
        BadValue: it lies outside, is no absolute path, or is no folder.
    """
    if "\0" in path or len(os.fsencode(path)) > _MOST_PATH or not Path(path).is_absolute():
        raise BadValue(
            f"folder {_shown(path)} is no absolute path: write folder//srv/photos for the folder /srv/photos"
        )
    if not settings.data_roots:
        raise BadValue(
            f"folder {_shown(path)} may not be read: no folder may, until the setting data_roots "
            "(NEURFLOW_DATA_ROOTS) names those within which data sets lie"
        )
    try:
        folder = Path(path).resolve()
        within = any(folder.is_relative_to(root.resolve()) for root in settings.data_roots)
    except (OSError, RuntimeError):  # RuntimeError: links in a circle
        within = False
    # Said ahead of whether it exists: what lies outside is nobody's business.
    if not within:
        raise BadValue(f"folder {_shown(path)} lies outside the folders that the setting data_roots names")
    if not folder.is_dir():
        raise BadValue(f"folder {_shown(path)} does not exist, or is no folder")
    return folder


def _shown(spec: str) -> str:
    return repr(spec if len(spec) <= 100 else f"{spec[:100]}…")
