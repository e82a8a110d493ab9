"""The lens: a network and its circuit, through which images are read.

A lens keeps the network's slices between images, but nothing of the images. It has no mutable state, so several threads
can share it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from neurflow.device import choose_device
from neurflow.lens.crops import CroppedImage, Image, prepare, view
from neurflow.lens.firing_maps import GroupMaps, firing_maps
from neurflow.lens.knock_out import RANDOM_SETS, KnockOut, chosen, find_group, knock_out, top_classes
from neurflow.lens.knock_out_across import KnockOutAcross, knock_out_across
from neurflow.lens.pixels import NODES, PixelMap, check_nodes, pixel_map
from neurflow.lens.ranking import RankedGroup, rank
from neurflow.lens.reading import FiringMap, GroupReading, Reading
from neurflow.lens.scores import GroupScorer, best_crops
from neurflow.lens.sliced_network import SlicedNetwork
from neurflow.method.firing import Floats
from neurflow.method.patches import PatchImage
from neurflow.network.networks import Network
from neurflow.progress import Progress, silent
from neurflow.result.circuit import Circuit, Group
from neurflow.terms.errors import DataError, FormatError, ParameterError


class Lens:
    """Reads images through a circuit.

    Attributes:
        circuit: the circuit.
    """

    def __init__(self, network: Network, circuit: Circuit, device: str = "auto") -> None:
        """Check that the network is the circuit's and slice it.

        Args:
            network: the traced network; it is never changed.
            circuit: circuit of any of its classes.
            device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.

        Raises:
            NetworkError: the circuit was traced on another network or other weights.
            LayerError: the network's layers differ from the circuit's.
            FormatError: the circuit lacks its groups' activations.
            DeviceError: the device does not exist here.
        """
        old = [group.id for group in circuit.groups if group.activations is None or group.image_scores is None]
        if old:
            raise FormatError(
                f"the circuit does not hold the activations of group {old[0]} (`activations`, `image_scores`), because "
                "an older version wrote it: trace it again"
            )
        self.circuit = circuit
        self._network = SlicedNetwork(network, circuit, choose_device(device))
        groups: defaultdict[str, list[Group]] = defaultdict(list)
        for group in circuit.groups:
            groups[group.layer].append(group)
        self._scorers = [[GroupScorer(group) for group in groups[layer.name]] for layer in circuit.layers]
        ladder = self._network.ladder
        self._layers = [
            GroupMaps(point, ladder.tokens, groups[layer.name])
            for point, layer in zip(ladder.points, circuit.layers, strict=True)
        ]

    def prepare(self, image: Image) -> PatchImage:
        """Prepare an image for cutting; pass the result instead of the image to read and scale it only once.

        Raises:
            DataError: the image cannot be read or is too large.
        """
        return prepare(image, self._network.preprocessing, self.circuit.parameters.crops)

    def analyse(self, image: Image) -> Reading:
        """Read an image: the predicted classes, which groups fire, and where.

        Raises:
            DataError: the image cannot be read or is too large.
            NumericalError: an activation is NaN or infinite.
        """
        cut = CroppedImage.of(self.prepare(image), self.circuit.parameters.crops)
        pooled, maps, logits = self._all_crops(cut)
        found: dict[str, GroupReading] = {}
        for layer, scorers in enumerate(self._scorers):
            if scorers:
                scores = np.stack([scorer.crop_scores(pooled[layer]) for scorer in scorers], axis=1)
                where = firing_maps(maps[layer], scores, cut.sizes, cut.image.area)
                for scorer, own, place in zip(scorers, scores.T, where, strict=True):
                    found[scorer.group.id] = _reading(scorer, own, place, cut)
        classes, target = top_classes(logits, self.circuit)
        return Reading(
            cut.image.width,
            cut.image.height,
            cut.image.area,
            cut.boxes,
            classes,
            target,
            tuple(found[group.id] for group in self.circuit.groups),
        )

    def pixels(self, image: Image, group: str, nodes: int = NODES, reading: Reading | None = None) -> PixelMap:
        """Attribute a group's firing to the pixels of the crop that fires it most.

        Args:
            image: the image.
            group: id of a group in any layer.
            nodes: nodes of the integral, 1 … 256; each costs one gradient.
            reading: reading of the same image through the same circuit; if omitted, the image is read first.

        Raises:
            DataError: the image cannot be read or is too large.
            ParameterError: the group is unknown, ``nodes`` is out of range, or the reading is of another image.
            NumericalError: an activation or gradient is NaN or infinite.
        """
        check_nodes(nodes)
        layer, known = find_group(self.circuit, group)
        ready = self.prepare(image)
        seen = self.analyse(ready) if reading is None else reading
        same_image = (seen.width, seen.height, seen.area) == (ready.width, ready.height, ready.area)
        if not same_image or [one.id for one in seen.groups] != [one.id for one in self.circuit.groups]:
            raise ParameterError("reading is of another image or circuit: pass the one of this image, or omit it")
        box = seen.crops[seen.group(group).best[0]]
        crop = view(ready, box, self._network.preprocessing)
        return pixel_map(self._network, layer, known, crop, box, nodes)

    def knock_out(
        self,
        image: Image,
        groups: Mapping[str, float] | Iterable[str] | str,
        random_sets: int = RANDOM_SETS,
        seed: int = 0,
    ) -> KnockOut:
        """Measure what happens to the classes when groups are knocked out or scaled.

        Args:
            image: the image.
            groups: ids of groups to knock out, in any layers; or a factor for each id, 0 … 10.
            random_sets: number of sets of equally many random neurons to compare with, 0 … 1,000.
            seed: seed of the random sets.

        Raises:
            DataError: the image cannot be read or is too large.
            ParameterError: a group is unknown, or a number is out of range.
            NumericalError: an activation is NaN or infinite.
        """
        _check_random_sets(random_sets)
        return knock_out(self._network, self.circuit, self._maps(image), chosen(groups), random_sets, seed)

    def knock_out_across(
        self,
        images: Sequence[Image],
        groups: Mapping[str, float] | Iterable[str] | str,
        class_index: int | None = None,
        random_sets: int = RANDOM_SETS,
        seed: int = 0,
        progress: Progress = silent,
    ) -> KnockOutAcross:
        """Measure the effect of a knock-out on a class over many images, such as the held-out ones.

        Args:
            images: at least one image; each is read only when needed.
            groups: as in :meth:`knock_out`.
            class_index: index of the class; by default the circuit's.
            random_sets: as in :meth:`knock_out`.
            seed: as in :meth:`knock_out`.
            progress: called with stage ``"knock-out"`` and the number of images done; its exceptions stop the work.

        Raises:
            DataError: there are no images, or one cannot be read or is too large.
            ParameterError: a group or class is unknown, or a number is out of range.
            NumericalError: an activation is NaN or infinite.
        """
        index = self.circuit.target.index if class_index is None else class_index
        self._check_class(index)
        _check_random_sets(random_sets)
        if not images:
            raise DataError("no images are given: pass at least one")

        def inputs(positions: range) -> Tensor:
            return torch.cat([self._view(images[position]) for position in positions])

        wanted, count = chosen(groups), len(images)
        return knock_out_across(self._network, self.circuit, inputs, count, wanted, index, random_sets, seed, progress)

    def rank(self, image: Image, class_index: int | None = None) -> tuple[RankedGroup, ...]:
        """Rank all groups below the top layer by how much their knock-out lowers a class's logit, largest drop first.

        Args:
            image: the image.
            class_index: index of the class; by default the one that the network predicts for the image.

        Raises:
            DataError: the image cannot be read or is too large.
            ParameterError: the class does not exist.
            NumericalError: an activation is NaN or infinite.
        """
        if class_index is not None:
            self._check_class(class_index)
        return rank(self._network, self.circuit, self._maps(image), class_index)

    def _maps(self, image: Image) -> tuple[Tensor, ...]:
        """Compute every layer's maps of the whole view."""
        maps, _ = self._network.maps(self._view(image))
        return maps

    def _view(self, image: Image) -> Tensor:
        ready = self.prepare(image)
        return view(ready, ready.area, self._network.preprocessing)

    def _check_class(self, index: int) -> None:
        classes = len(self.circuit.network.classes)
        if not 0 <= index < classes:
            raise ParameterError(f"class_index is {index}: choose a number from 0 to {classes - 1}")

    def _all_crops(self, cut: CroppedImage) -> tuple[list[Floats], list[Tensor], Tensor]:
        """Compute each layer's pooled activations and group maps of the crops, and the logits of the whole view."""
        inputs, logits = cut.inputs(self._network.preprocessing), []
        pooled: list[list[Floats]] = [[] for _ in self._layers]
        maps: list[list[Tensor]] = [[] for _ in self._layers]
        for start in range(0, len(inputs), self._network.batch_size):
            values, means = self._network.maps(inputs[start : start + self._network.batch_size])
            for layer, (value, mean) in enumerate(zip(values, means, strict=True)):
                pooled[layer].append(mean.cpu().double().numpy())
                if self._scorers[layer]:
                    maps[layer].append(self._layers[layer].of(value))
            logits.append(values[-1].cpu())
        rows = {box: row for row, box in enumerate(cut.views)}
        crops = [rows[box] for box in cut.boxes]
        return (
            [np.concatenate(own)[crops] for own in pooled],
            [torch.cat(own)[crops] if own else torch.empty(0) for own in maps],
            torch.cat(logits)[rows[cut.image.area]],
        )


def _check_random_sets(count: int) -> None:
    if not 0 <= count <= 1000:
        raise ParameterError(f"random_sets is {count}: choose a number from 0 to 1000")


def _reading(scorer: GroupScorer, scores: Floats, place: FiringMap, cut: CroppedImage) -> GroupReading:
    score = float(scores.max())
    return GroupReading(
        scorer.group.id,
        scorer.group.layer,
        score,
        scorer.percentile(score),
        scorer.fires(score),
        scorer.silent(score),
        scorer.usual,
        tuple(scores.tolist()),
        best_crops(scores.tolist(), cut.boxes),
        place,
    )
