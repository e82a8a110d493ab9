"""Each parameter's range, error message and documentation."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import Any

import pytest

from neurflow.terms.errors import InputError, ParameterError
from neurflow.terms.parameters import Resources, TraceParameters, meanings, ranges

# Lowest and highest value of each, as in the docstrings: stated again, so that none changes unnoticed.
RANGES: dict[str, tuple[float, float]] = {
    "images": (1, 10_000),
    "top_k": (2, 1_000),
    "tau": (1, 4_096),
    "nodes": (1, 64),
    "max_nodes": (1, 256),
    "completeness": (1e-9, 1),
    "margin": (0, 100),
    "max_semantic_groups": (1, 20),
    "min_silhouette": (-1, 1),
    "max_groups": (1, 100),
    "exemplars": (1, 100),
    "held_out": (0, 10_000),
    "seed": (0, 2**31 - 1),
}
RESOURCE_RANGES = {"batch_size": (0, 4_096), "cache_bytes": (0, 2**50)}
# Limits that another parameter would forbid.
COMPANIONS: dict[tuple[str, float], dict[str, Any]] = {("nodes", 64): {"max_nodes": 64}, ("max_nodes", 1): {"nodes": 1}}


def _documented(cls: type) -> dict[str, str]:
    """Return the text of each name under ``Attributes`` in a class's docstring."""
    section = inspect.cleandoc(cls.__doc__ or "").split("Attributes:\n", 1)[1]
    entries = re.split(r"^ {4}(?=\w)", section, flags=re.MULTILINE)[1:]
    return {name: " ".join(text.split()) for name, _, text in (entry.partition(": ") for entry in entries)}


@pytest.mark.parametrize("cls", [TraceParameters, Resources])
def test_every_parameter_is_documented_in_order(cls: type[TraceParameters] | type[Resources]) -> None:
    documented = _documented(cls)
    assert list(documented) == [field.name for field in dataclasses.fields(cls)]
    assert all(len(text) > 10 for text in documented.values())


def test_every_number_has_a_range() -> None:
    numbers = {field.name for field in dataclasses.fields(TraceParameters) if field.type in ("int", "float")}
    assert numbers == set(RANGES)
    assert ranges(TraceParameters) == RANGES
    assert ranges(Resources) == RESOURCE_RANGES


@pytest.mark.parametrize("name", RANGES)
def test_the_docstring_states_the_range(name: str) -> None:
    low, high = RANGES[name]
    assert _documented(TraceParameters)[name].endswith(f", {low:,}…{high:,}.")


@pytest.mark.parametrize("cls", [TraceParameters, Resources])
def test_each_meaning_is_one_sentence_in_plain_text(cls: type[TraceParameters] | type[Resources]) -> None:
    for name, text in meanings(cls).items():
        assert text[:1].isupper() and text[-1:] == ".", name
        assert ". " not in text and not set("`\n") & set(text), name


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, limits in RANGES.items() for value in limits])
def test_the_limits_of_a_range_are_allowed(name: str, value: float) -> None:
    options = {name: value} | COMPANIONS.get((name, value), {})
    assert getattr(TraceParameters(**options), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, low - 1) for name, (low, _) in RANGES.items()]
    + [(name, high + 1) for name, (_, high) in RANGES.items()]
    + [("completeness", 0.0), ("min_silhouette", float("nan")), ("margin", float("inf"))],
)
def test_a_value_outside_its_range_is_refused_with_the_range(name: str, value: float) -> None:
    low, high = RANGES[name]
    with pytest.raises(ParameterError) as caught:
        TraceParameters(**{name: value})  # type: ignore[arg-type]
    assert str(caught.value) == f"{name} is {value}: choose a value from {low:.16g} to {high:.16g}"
    assert isinstance(caught.value, InputError)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, limits in RESOURCE_RANGES.items() for value in limits]
)
def test_resources_have_ranges_too(name: str, value: int) -> None:
    assert getattr(Resources(**{name: value}), name) == value  # type: ignore[arg-type]
    low, high = RESOURCE_RANGES[name]
    beyond = low - 1 if value == low else high + 1
    with pytest.raises(ParameterError, match=rf"^{name} is {beyond}: choose a value from {low} to {high}$"):
        Resources(**{name: beyond})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crops": ()}, "crops is empty: give at least one window side, for example 1,0.5,0.25"),
        ({"crops": (1.0, 0.0)}, "crops holds 0.0: each window side is a fraction of the image in (0, 1]"),
        ({"crops": (1.5,)}, "crops holds 1.5: each window side is a fraction of the image in (0, 1]"),
        ({"crops": (-0.5,)}, "crops holds -0.5: each window side is a fraction of the image in (0, 1]"),
        ({"crops": (float("nan"),)}, "crops holds nan: each window side is a fraction of the image in (0, 1]"),
        ({"crops": (0.5, 1.0, 0.5)}, "crops repeats a side: 0.5, 1.0, 0.5"),
        ({"nodes": 8, "max_nodes": 4}, "max_nodes is 4, below nodes = 8: raise it"),
        ({"tokens": "first"}, "tokens is 'first': choose 'mean' or 'class'"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_invalid_choice_is_named_with_its_remedy(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=f"^{re.escape(message)}$"):
        TraceParameters(**options)


def test_defaults_are_the_paper_s() -> None:
    parameters = TraceParameters()
    assert (parameters.images, parameters.top_k, parameters.tau) == (50, 50, 16)
    assert parameters.crops == (1.0, 0.5, 0.25)
    assert parameters.max_semantic_groups == 5


def test_parameters_are_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TraceParameters().tau = 3  # type: ignore[misc]
