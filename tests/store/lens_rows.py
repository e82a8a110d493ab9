"""Made-up analyses and measurements: values that fit the circuit's rows."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import PIL.Image

WIDTH, HEIGHT = 64, 48
AREA = {"left": 8, "top": 0, "right": 56, "bottom": 48}
CROPS = [AREA, {"left": 8, "top": 0, "right": 32, "bottom": 24}]


@cache
def encoded(form: str, colour: int = 120, size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    """Return an image of one colour."""
    stream = io.BytesIO()
    PIL.Image.new("RGB", size, (colour, 30, 60)).save(stream, form)
    return stream.getvalue()


def kept(colour: int = 120) -> dict[str, Any]:
    """Return what an analysis keeps of an image, as columns."""
    area = [AREA["left"], AREA["top"], AREA["right"], AREA["bottom"]]
    columns: dict[str, Any] = {"upload": None, "picture": encoded("WEBP", colour), "pixels": encoded("PNG", colour)}
    return columns | {"width": WIDTH, "height": HEIGHT, "area": area}


def reading(groups: Sequence[tuple[str, str]], classes: Sequence[str] = ("cat", "dog", "fox")) -> dict[str, Any]:
    """Return a reading of ``groups``, (id, layer): every second one fires, and percentiles fall by eighths."""
    tops = [
        {"index": index, "name": name, "logit": 4.0 - index, "probability": 0.5 / 2**index}
        for index, name in enumerate(classes)
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "area": AREA,
        "crops": CROPS,
        "classes": tops,
        "target": tops[0],
        "groups": [_group(place, id, layer) for place, (id, layer) in enumerate(groups)],
    }


def _group(place: int, id: str, layer: str) -> dict[str, Any]:
    fires = place % 2 == 0
    values = base64.b64encode(bytes([0, 64, 128, 255])).decode()
    return {
        "id": id,
        "layer": layer,
        "score": 1.25 - place / 8,
        "percentile": max(0.0, 100 - 12.5 * place),
        "fires": fires,
        "silent": not fires and place < 4,
        "usual": 0.75 if place < 4 else None,
        "best": [{"crop": 1, "score": 1.25 - place / 8}, {"crop": 0, "score": 0.5}],
        "place": {"width": 2, "height": 2, "values": values, "highest": 1.5},
    }


def change(name: str = "cat", index: int = 0) -> dict[str, Any]:
    """Return the effect of a knock-out on one class."""
    logit = {"logit": 4.0, "logit_after": 1.5, "random_logit": -0.25, "random_logit_spread": 0.125}
    probability = {"probability": 0.5, "probability_after": 0.25, "random_probability": 0.0}
    return {"index": index, "name": name, **logit, **probability, "random_probability_spread": 0.0}


RESULTS: dict[str, dict[str, Any]] = {
    "knock_out": {
        "neurons": 2,
        "classes": [change()],
        "predicted": "cat",
        "predicted_after": "dog",
        "random_sets": 20,
    },
    "held_out": {
        "class": "cat",
        "images": 20,
        "neurons": 2,
        "accuracy": 0.95,
        "accuracy_after": 0.5,
        "random_accuracy": 0.0,
        "random_accuracy_spread": 0.0,
        "logit": 6.5,
        "logit_after": 3.25,
        "random_logit": -0.25,
        "random_logit_spread": 0.125,
        "random_sets": 20,
    },
    "ranking": {
        "class": "cat",
        "groups": [
            {
                "group": "layer0/0",
                "layer": "layer0",
                "logit_drop": 2.5,
                "probability_drop": 0.25,
                "predicted_after": "dog",
            }
        ],
    },
    "pixels": {
        "group": "layer0/0",
        "box": AREA,
        "width": 2,
        "height": 2,
        "values": base64.b64encode(bytes([0, 255, 127, 129])).decode(),
        "highest": 0.25,
        "total": 1.0,
        "expected": 1.0,
    },
}
"""A result of each kind of measurement."""
