"""The lens itself: a network and its circuit, through which one image after the other is looked at.

It keeps the network's slices between images, and nothing of the images. It holds no state that changes, so that several
threads may share it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from neurflow.device import choose_device
from neurflow.lens.across import AcrossImages, across_images
from neurflow.lens.crops import Cut, Image, prepare, view
from neurflow.lens.knock_out import RANDOM_SETS, KnockOut, chosen, find_group, knock_out, top_classes
from neurflow.lens.pixels import NODES, PixelMap, check_nodes, pixel_map
from neurflow.lens.places import LayerMaps, places
from neurflow.lens.ranking import Ranked, rank
from neurflow.lens.reading import GroupReading, Place, Reading
from neurflow.lens.scores import Gauge, best_crops
from neurflow.lens.sliced_network import SlicedNetwork
from neurflow.method.firing import Floats
from neurflow.method.patches import PatchImage
from neurflow.network.networks import Network
from neurflow.progress import Progress, silent
from neurflow.result.circuit import Circuit, Group
from neurflow.terms.errors import DataError, FormatError, ParameterError


class Lens:
    """Looks at images through a circuit.

    Attributes:
        circuit: through which it looks.
    """

    def __init__(self, network: Network, circuit: Circuit, device: str = "auto") -> None:
        """Check that the network is the circuit's, and slice it.

        Args:
            network: the one that was traced; it is never changed.
            circuit: of any class of it.
            device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.

        Raises:
            NetworkError: the circuit was traced on another network, or on other weights.
            LayerError: the network's layers are not the circuit's.
            FormatError: the circuit does not keep what is usual for its groups.
            DeviceError: there is no such device here.
        """
        old = [group.id for group in circuit.groups if group.activations is None or group.image_scores is None]
        if old:
            raise FormatError(
                f"the circuit does not keep how active group {old[0]} is (`activations`, `image_scores`), as an older "
                "version wrote it: trace it again"
            )
        self.circuit = circuit
        self._network = SlicedNetwork(network, circuit, choose_device(device))
        groups: defaultdict[str, list[Group]] = defaultdict(list)
        for group in circuit.groups:
            groups[group.layer].append(group)
        self._gauges = [[Gauge(group) for group in groups[layer.name]] for layer in circuit.layers]
        ladder = self._network.ladder
        self._layers = [
            LayerMaps(point, ladder.tokens, groups[layer.name])
            for point, layer in zip(ladder.points, circuit.layers, strict=True)
        ]

    def prepare(self, image: Image) -> PatchImage:
        """An image ready to be cut: pass it in an image's place to read and scale a large image once only.

        Raises:
            DataError: it cannot be read or is too large.
        """
        return prepare(image, self._network.preprocessing, self.circuit.parameters.crops)

    def look(self, image: Image) -> Reading:
        """What the network says of an image, which groups it fires, and where.

        Raises:
            DataError: the image cannot be read or is too large.
            NumericalError: NaN or infinity in activations.
        """
        cut = Cut.of(self.prepare(image), self.circuit.parameters.crops)
        pooled, maps, logits = self._all_crops(cut)
        found: dict[str, GroupReading] = {}
        for layer, gauges in enumerate(self._gauges):
            if gauges:
                scores = np.stack([gauge.crop_scores(pooled[layer]) for gauge in gauges], axis=1)
                where = places(maps[layer], scores, cut.sizes, cut.image.area)
                for gauge, own, place in zip(gauges, scores.T, where, strict=True):
                    found[gauge.group.id] = _reading(gauge, own, place, cut)
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
        """Which pixels of the crop that fires a group most make it fire.

        Args:
            image: any.
            group: id of a group of any layer.
            nodes: of the integral, 1 … 256; a gradient is computed for each.
            reading: of the same image through the same circuit, if there is one; else the image is looked at first.

        Raises:
            DataError: the image cannot be read or is too large.
            ParameterError: there is no such group, ``nodes`` is out of its range, or the reading is of another image.
            NumericalError: NaN or infinity in activations or gradients.
        """
        check_nodes(nodes)
        layer, known = find_group(self.circuit, group)
        ready = self.prepare(image)
        seen = self.look(ready) if reading is None else reading
        same_image = (seen.width, seen.height, seen.area) == (ready.width, ready.height, ready.area)
        if not same_image or [one.id for one in seen.groups] != [one.id for one in self.circuit.groups]:
            raise ParameterError("reading is of another image or circuit: give that of this one, or none")
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
        """What happens to the classes when groups are knocked out or scaled.

        Args:
            image: any.
            groups: ids of groups to knock out, of any layers; or each id with its factor, 0 … 10.
            random_sets: sets of as many random neurons to compare with, 0 … 1,000.
            seed: to draw them with.

        Raises:
            DataError: the image cannot be read or is too large.
            ParameterError: there is no such group, or a number is out of its range.
            NumericalError: NaN or infinity in activations.
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
    ) -> AcrossImages:
        """What happens to a class over many images, such as its held-out ones.

        Args:
            images: one or more; each is read when its turn comes.
            groups: as in :meth:`knock_out`.
            class_index: the class; by default the circuit's.
            random_sets: likewise.
            seed: likewise.
            progress: stage ``"knock-out"``, in images; an exception that it raises stops the work.

        Raises:
            DataError: there is no image, or one cannot be read or is too large.
            ParameterError: there is no such group or class, or a number is out of its range.
            NumericalError: NaN or infinity in activations.
        """
        index = self.circuit.target.index if class_index is None else class_index
        self._check_class(index)
        _check_random_sets(random_sets)
        if not images:
            raise DataError("there is no image to look at: give one at least")

        def inputs(positions: range) -> Tensor:
            return torch.cat([self._view(images[position]) for position in positions])

        wanted, count = chosen(groups), len(images)
        return across_images(self._network, self.circuit, inputs, count, wanted, index, random_sets, seed, progress)

    def rank(self, image: Image, class_index: int | None = None) -> tuple[Ranked, ...]:
        """All groups below the top layer by how much their knock-out lowers the logit of a class, most first.

        Args:
            image: any.
            class_index: the class; by default the one that the network predicts for the image.

        Raises:
            DataError: the image cannot be read or is too large.
            ParameterError: there is no such class.
            NumericalError: NaN or infinity in activations.
        """
        if class_index is not None:
            self._check_class(class_index)
        return rank(self._network, self.circuit, self._maps(image), class_index)

    def _maps(self, image: Image) -> tuple[Tensor, ...]:
        """Every layer's maps of the whole view."""
        maps, _ = self._network.maps(self._view(image))
        return maps

    def _view(self, image: Image) -> Tensor:
        ready = self.prepare(image)
        return view(ready, ready.area, self._network.preprocessing)

    def _check_class(self, index: int) -> None:
        classes = len(self.circuit.network.classes)
        if not 0 <= index < classes:
            raise ParameterError(f"class_index is {index}: choose a number from 0 to {classes - 1}")

    def _all_crops(self, cut: Cut) -> tuple[list[Floats], list[Tensor], Tensor]:
        """Of each layer the crops' pooled activations and the groups' maps of them; the logits of the whole view."""
        inputs, logits = cut.inputs(self._network.preprocessing), []
        pooled: list[list[Floats]] = [[] for _ in self._layers]
        maps: list[list[Tensor]] = [[] for _ in self._layers]
        for start in range(0, len(inputs), self._network.batch_size):
            values, means = self._network.maps(inputs[start : start + self._network.batch_size])
            for layer, (value, mean) in enumerate(zip(values, means, strict=True)):
                pooled[layer].append(mean.cpu().double().numpy())
                if self._gauges[layer]:
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


def _reading(gauge: Gauge, scores: Floats, place: Place, cut: Cut) -> GroupReading:
    score = float(scores.max())
    return GroupReading(
        gauge.group.id,
        gauge.group.layer,
        score,
        gauge.percentile(score),
        gauge.fires(score),
        gauge.silent(score),
        gauge.usual,
        tuple(scores.tolist()),
        best_crops(scores.tolist(), cut.boxes),
        place,
    )
