"""Networks, data sets and lenses as the engine's objects, from their rows. The last ones are kept for later jobs.

What is loaded is compared with what was inspected: a circuit must not be named after weights or images that changed
meanwhile.
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
from neurflow_worker.archive_folders import folder_of, unpacked
from neurflow_worker.dataset_digest import dataset_digest

_KEPT: Final = 2
_LENSES: Final = 4
_Loaded = TypeVar("_Loaded")


class Changed(StoreError):
    """Something is not what it was when it was inspected."""


@dataclass
class Library:
    """The networks and data sets of one worker process, the last used ones in memory."""

    settings: Settings
    store: ArtifactStore
    _networks: OrderedDict[str, Network] = field(default_factory=OrderedDict)
    _datasets: OrderedDict[str, Dataset] = field(default_factory=OrderedDict)
    _lenses: OrderedDict[str, Lens] = field(default_factory=OrderedDict)

    def network(self, row: tables.Network) -> Network:
        """The network of a row; not compared with its digest.

        Raises:
            NetworkError: it cannot be loaded.
            ParameterError: its options are out of range.
        """
        return _kept(self._networks, row.key, lambda: self._load_network(row))

    def dataset(self, row: tables.Dataset) -> Dataset:
        """The data set of a row; not compared with its digest.

        Raises:
            DataError: it cannot be loaded.
            BadUpload: its archive cannot be unpacked.
            BadValue: its folder may not be read any more.
        """
        if row.archive is None and row.spec.startswith("folder/"):
            # Listed anew: files may have come and gone, and a link may have been put in the folder's place.
            folder = allowed_folder(row.spec.removeprefix("folder/"), self.settings)
            return FolderDataset(folder, row.spec)
        if row.archive is not None and not folder_of(self.settings, row.archive).is_dir():
            # Swept away with a data set that was deleted, and has been uploaded again since.
            self._datasets.pop(row.key, None)
        return _kept(self._datasets, row.key, lambda: self._load_dataset(row))

    def inspected_network(self, row: tables.Network) -> Network:
        """As :meth:`network`, its weights being those that were inspected.

        Raises:
            Changed: they are others.
        """
        network = self.network(row)
        if network.digest != row.digest:
            self._networks.pop(row.key, None)
            raise Changed(f"the weights of network {row.name!r} are not those that were inspected: inspect it again")
        return network

    def inspected_dataset(self, row: tables.Dataset, progress: Callable[[int, int], None]) -> Dataset:
        """As :meth:`dataset`, its images being those that were inspected.

        Args:
            row: of the data set.
            progress: told of images looked at.

        Raises:
            Changed: they are others.
        """
        dataset = self.dataset(row)
        if dataset_digest(dataset, self.settings.work / "digests", progress) != row.digest:
            self._datasets.pop(row.key, None)
            raise Changed(f"the images of data set {row.name!r} are not those that were inspected: inspect it again")
        return dataset

    def lens(self, circuit: tables.Circuit, network: tables.Network) -> Lens:
        """A lens for a circuit that was computed on a network.

        Raises:
            Changed: the network's weights are not those that were inspected.
            NetworkError: the circuit was computed on others.
            FormatError: the circuit does not keep what is usual for its groups.
        """
        assert circuit.file is not None
        file = circuit.file
        return _kept(self._lenses, f"{network.key} {file}", lambda: self._load_lens(file, network), _LENSES)

    def clear(self) -> None:
        """Forgets what is in memory: work on it was broken off."""
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
        """An uploaded file of weights, copied from the store once."""
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
    """Has the engine's messages name what people gave, not where this worker keeps it."""
    try:
        yield
    except InputError as error:
        text = str(error)
        for path, words in hidden.items():
            text = text.replace(path, words)
        raise type(error)(text) from error.__cause__


def _kept(shelf: OrderedDict[str, _Loaded], key: str, load: Callable[[], _Loaded], most: int = _KEPT) -> _Loaded:
    if key not in shelf:
        # What will not be needed makes room first.
        while len(shelf) >= most:
            shelf.popitem(last=False)
        shelf[key] = load()
    shelf.move_to_end(key)
    return shelf[key]
