"""Load networks, data sets and lenses from their rows as the engine's objects, with a cache for later jobs.

Loaded objects are compared with what was inspected: a circuit must not refer to weights or images that changed since.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from neurflow.data.folder_dataset import FolderDataset
from neurflow.data.images import Dataset
from neurflow.datasets import load_dataset
from neurflow.lens import Lens
from neurflow.network.networks import Network, load_network
from neurflow.result.circuit_json import decode
from neurflow.terms.errors import InputError
from neurflow_store import tables
from neurflow_store.artifacts import ArtifactStore, fetch
from neurflow_store.asking.specs import allowed_folder
from neurflow_store.errors import StoreError
from neurflow_store.installation.settings import Settings
from neurflow_worker.library.archive_folders import folder_of, unpacked
from neurflow_worker.library.dataset_digest import dataset_digest

_KEPT: Final = 2
_LENSES: Final = 4
_Loaded = TypeVar("_Loaded")


class Changed(StoreError):
    """A network or data set has changed since it was inspected."""


@dataclass
class Library:
    """The networks, data sets and lenses of one worker process, with the last used ones in memory."""

    settings: Settings
    store: ArtifactStore
    _networks: OrderedDict[str, Network] = field(default_factory=OrderedDict)
    _datasets: OrderedDict[str, Dataset] = field(default_factory=OrderedDict)
    _lenses: OrderedDict[str, Lens] = field(default_factory=OrderedDict)

    def network(self, row: tables.Network) -> Network:
        """Load the network of a row, without comparing digests.

        Raises:
            NetworkError: the network cannot be loaded.
            ParameterError: its options are out of range.
        """
        return _kept(self._networks, row.key, lambda: self._load_network(row))

    def dataset(self, row: tables.Dataset) -> Dataset:
        """Load the data set of a row, without comparing digests.

        Raises:
            DataError: the data set cannot be loaded.
            BadUpload: its archive cannot be unpacked.
            BadValue: its folder is no longer allowed.
        """
        if row.archive is None and row.spec.startswith("folder/"):
            # List it again: files may have changed, and a link may have replaced the folder.
            folder = allowed_folder(row.spec.removeprefix("folder/"), self.settings)
            return FolderDataset(folder, row.spec)
        if row.archive is not None and not folder_of(self.settings, row.archive).is_dir():
            # The folder was deleted with its data set, and the archive has been uploaded again since.
            self._datasets.pop(row.key, None)
        return _kept(self._datasets, row.key, lambda: self._load_dataset(row))

    def inspected_network(self, row: tables.Network) -> Network:
        """Load the network of a row and check that its weights are the inspected ones.

        Raises:
            Changed: the weights have changed.
        """
        network = self.network(row)
        if network.digest != row.digest:
            self._networks.pop(row.key, None)
            raise Changed(f"the weights of network {row.name!r} have changed since it was inspected: inspect it again")
        return network

    def inspected_dataset(self, row: tables.Dataset, progress: Callable[[int, int], None]) -> Dataset:
        """Load the data set of a row and check that its images are the inspected ones.

        Args:
            row: row of the data set.
            progress: called with the number of images read and of all.

        Raises:
            Changed: the images have changed.
        """
        dataset = self.dataset(row)
        if dataset_digest(dataset, self.settings.work / "digests", progress) != row.digest:
            self._datasets.pop(row.key, None)
            raise Changed(f"the images of data set {row.name!r} have changed since it was inspected: inspect it again")
        return dataset

    def lens(self, circuit: tables.Circuit, network: tables.Network) -> Lens:
        """Return a lens for a circuit that was computed on a network.

        Raises:
            Changed: the network's weights have changed since it was inspected.
            NetworkError: the circuit was computed on other weights.
            FormatError: the circuit lacks its groups' activations.
        """
        assert circuit.file is not None
        file = circuit.file
        return _kept(self._lenses, f"{network.key} {file}", lambda: self._load_lens(file, network), _LENSES)

    def clear(self) -> None:
        """Drop everything in memory, because interrupted work may have left it half loaded."""
        self._networks.clear()
        self._datasets.clear()
        self._lenses.clear()

    def _load_network(self, row: tables.Network) -> Network:
        options: dict[str, Any] = dict(row.options)
        hidden: dict[str, str] = {}
        with tempfile.TemporaryDirectory() as folder:
            if row.weights is not None:
                options["weights"] = self._weights(row.weights)
                hidden[str(options["weights"])] = "that were uploaded"
            names = options.pop("classes", None)
            if names is not None:
                options["classes"] = Path(folder, "classes.json")
                options["classes"].write_text(json.dumps(names), encoding="utf-8")
                hidden[str(options["classes"])] = "that were given"
            with _without_paths(hidden):
                return load_network(row.spec, **options)

    def _load_lens(self, file: str, network: tables.Network) -> Lens:
        with self.store.open(file) as stream:
            circuit = decode(stream.read())
        return Lens(self.inspected_network(network), circuit, self.settings.device)

    def _weights(self, digest: str) -> Path:
        """Return an uploaded weights file, copied from the store once."""
        folder = self.settings.work / "weights"
        path = folder / f"{digest.rpartition(':')[2]}.safetensors"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            aside = folder / f".{secrets.token_hex(8)}"
            fetch(self.store, digest, aside)
            aside.replace(path)
        return path

    def _load_dataset(self, row: tables.Dataset) -> Dataset:
        if row.archive is None:
            return load_dataset(row.spec, root=self.settings.home / "data")
        folder = unpacked(self.settings, self.store, row.archive)
        with _without_paths({str(folder): "the archive"}):
            return FolderDataset(folder, row.spec)


@contextmanager
def _without_paths(hidden: Mapping[str, str]) -> Iterator[None]:
    """Replace this worker's paths in the engine's messages by what users uploaded or entered."""
    try:
        yield
    except InputError as error:
        text = str(error)
        for path, words in hidden.items():
            text = text.replace(path, words)
        raise type(error)(text) from error.__cause__


def _kept(shelf: OrderedDict[str, _Loaded], key: str, load: Callable[[], _Loaded], most: int = _KEPT) -> _Loaded:
    if key not in shelf:
        # Make room before loading.
        while len(shelf) >= most:
            shelf.popitem(last=False)
        shelf[key] = load()
    shelf.move_to_end(key)
    return shelf[key]
