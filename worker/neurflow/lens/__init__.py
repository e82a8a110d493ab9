"""View one image through a circuit: which neuron groups fire, where, and what happens without them.

>>> import neurflow
>>> from neurflow.lens import Lens
>>> lens = Lens(neurflow.load_network("demo/photos"), neurflow.load_circuit("out/cat"))  # doctest: +SKIP
>>> reading = lens.analyse("photo.jpg")  # doctest: +SKIP
>>> [group.id for group in reading.groups if group.fires]  # doctest: +SKIP
>>> lens.rank("photo.jpg")[0]  # doctest: +SKIP
>>> lens.knock_out("photo.jpg", ["layer3.1/2"]).classes  # doctest: +SKIP
>>> lens.pixels("photo.jpg", "layer3.1/2").values  # doctest: +SKIP
"""

from __future__ import annotations

from neurflow.lens.crops import Image
from neurflow.lens.disagreement import Disagreement, DisputedGroup, disagreement
from neurflow.lens.instrument import Lens
from neurflow.lens.knock_out import KnockOut
from neurflow.lens.knock_out_across import KnockOutAcross
from neurflow.lens.pixels import PixelMap
from neurflow.lens.ranking import RankedGroup
from neurflow.lens.reading import ClassChange, FiringMap, GroupReading, Reading, TopClass
from neurflow.lens.scores import FIRING_PERCENTILE, FIRING_SCORE, USUAL_SHARE

__all__ = [
    "FIRING_PERCENTILE",
    "FIRING_SCORE",
    "USUAL_SHARE",
    "ClassChange",
    "Disagreement",
    "DisputedGroup",
    "FiringMap",
    "GroupReading",
    "Image",
    "KnockOut",
    "KnockOutAcross",
    "Lens",
    "PixelMap",
    "RankedGroup",
    "Reading",
    "TopClass",
    "disagreement",
]
