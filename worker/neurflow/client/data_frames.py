"""Convert a circuit's parts to pandas data frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from neurflow.client.optional_imports import import_optional
from neurflow.client.service import Json
from neurflow.terms import group_figures

if TYPE_CHECKING:
    import pandas as pd

_GROUPS: Final = (
    "id",
    "layer",
    "number",
    "neurons",
    *group_figures.NAMES,
    "exemplars",
    "picture",
)
_EDGES: Final = ("source", "target", "weight", "positive", "negative")
_EXEMPLARS: Final = (
    "group",
    "rank",
    "activation",
    "image",
    "left",
    "top",
    "right",
    "bottom",
    "patch",
    "picture",
)
_READINGS: Final = ("id", "layer", "score", "percentile", "fires", "silent", "usual")
_CLASSES: Final = ("name", "index", "logit", "probability")
_RANKING: Final = ("group", "layer", "logit_drop", "probability_drop", "predicted_after")
_CHANGES: Final = (
    "name",
    "logit",
    "logit_after",
    "random_logit",
    "random_logit_spread",
    "probability",
    "probability_after",
    "random_probability",
    "random_probability_spread",
)


def groups(overview: Json) -> pd.DataFrame:
    """Return the groups of an overview, by ``id``."""
    return _frame(overview["groups"], _GROUPS).set_index("id")


def edges(found: Iterable[Json]) -> pd.DataFrame:
    """Return edges with the positive and negative parts of their weights."""
    return _frame(found, _EDGES)


def exemplars(by_group: Mapping[str, Sequence[Json]]) -> pd.DataFrame:
    """Return exemplars by ``group`` and ``rank``; ``image`` is the image's name, the box is in its pixels."""
    rows = (
        {**exemplar, **exemplar["box"], "group": group, "image": exemplar["image"]["name"]}
        for group, found in by_group.items()
        for exemplar in found
    )
    return _frame(rows, _EXEMPLARS).set_index(["group", "rank"])


def readings(found: Iterable[Json]) -> pd.DataFrame:
    """Return the readings of groups, by ``id``."""
    return _frame(found, _READINGS).set_index("id")


def classes(found: Iterable[Json]) -> pd.DataFrame:
    """Return classes with their logits and probabilities, by ``name``."""
    return _frame(found, _CLASSES).set_index("name")


def ranking(found: Iterable[Json]) -> pd.DataFrame:
    """Return the effect of each group's knock-out on a class, by ``group``."""
    return _frame(found, _RANKING).set_index("group")


def changes(found: Iterable[Json]) -> pd.DataFrame:
    """Return classes before and after a knock-out, compared with random neurons, by ``name``."""
    return _frame(found, _CHANGES).set_index("name")


def _frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    frame: pd.DataFrame = import_optional("pandas").DataFrame(list(rows), columns=list(columns))
    return frame
