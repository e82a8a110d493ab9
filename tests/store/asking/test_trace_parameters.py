"""The store's parameters compared with the engine's: the same names, defaults and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import annotated_types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from neurflow.terms import parameters as engine
from neurflow.terms.errors import ParameterError
from neurflow_store.asking.trace_parameters import TraceParameters

RANGES = engine.ranges(engine.TraceParameters)
WHOLE = {name for name in RANGES if isinstance(getattr(engine.TraceParameters(), name), int)}


def engine_parameters(values: Mapping[str, Any]) -> engine.TraceParameters:
    return engine.TraceParameters(**values)


def test_names_and_defaults_equal_the_engine_s() -> None:
    theirs = {field.name: field.default for field in fields(engine.TraceParameters)}
    ours = {name: field.default for name, field in TraceParameters.model_fields.items()}
    assert ours == theirs
    assert list(ours) == list(theirs)


def test_both_accept_the_defaults() -> None:
    assert engine.TraceParameters(**TraceParameters().model_dump()) == engine.TraceParameters()


@pytest.mark.parametrize("name", RANGES)
def test_ranges_equal_the_engine_s(name: str) -> None:
    bounds = {type(bound): bound for bound in TraceParameters.model_fields[name].metadata}
    assert bounds[annotated_types.Ge].ge == RANGES[name].low
    assert bounds[annotated_types.Le].le == RANGES[name].high


@pytest.mark.parametrize("name", RANGES)
def test_both_refuse_one_step_beyond_a_range(name: str) -> None:
    step: float = 1 if name in WHOLE else 1e-9
    for value in (RANGES[name].low - step, RANGES[name].high * (1 + 1e-9) + step):
        with pytest.raises(ValidationError):
            TraceParameters.model_validate({name: value})
        with pytest.raises(ParameterError):
            engine_parameters({name: value})


def test_every_parameter_is_described_in_one_sentence() -> None:
    described = {name: field.description for name, field in TraceParameters.model_fields.items()}
    assert described == engine.meanings(engine.TraceParameters)
    for name, field in TraceParameters.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert field.description.count(". ") == 0, name


_ANY = {
    "crops": st.lists(st.floats(-0.5, 1.5) | st.sampled_from([0.05, 0.25, 0.5, 1.0]), max_size=8),
    "layers": st.none() | st.lists(st.sampled_from(["conv1", "layer1.0", "", "fc"]), max_size=4),
    "tokens": st.sampled_from(["mean", "class", "max"]),
    **{
        name: st.integers(int(low) - 2, int(high) + 2)
        if name in WHOLE
        else st.floats(allow_nan=True, allow_infinity=True) | st.floats(low - 1, high + 1) | st.floats(low, high)
        for name, (low, high) in RANGES.items()
    },
}


def test_these_tests_cover_every_parameter() -> None:
    assert set(_ANY) == set(TraceParameters.model_fields)


@given(st.fixed_dictionaries({}, optional=_ANY))
@settings(max_examples=300, deadline=None)
def test_the_engine_accepts_whatever_the_store_accepts(given: dict[str, Any]) -> None:
    try:
        ours = TraceParameters.model_validate(given)
    except ValidationError:
        return
    theirs = engine.TraceParameters(**ours.model_dump())
    assert all(getattr(theirs, name) == getattr(ours, name) for name in _ANY)


@given(st.sampled_from(sorted(RANGES)), st.data())
@settings(max_examples=150, deadline=None)
def test_the_store_accepts_whatever_the_engine_accepts_of_a_range(name: str, data: st.DataObject) -> None:
    low, high = RANGES[name]
    value = data.draw(st.integers(int(low), int(high)) if name in WHOLE else st.floats(low, high))
    nodes = {"max_nodes": 256} if name == "nodes" else {"nodes": 1} if name == "max_nodes" else {}
    assert getattr(engine_parameters({**nodes, name: value}), name) == value
    assert getattr(TraceParameters.model_validate({**nodes, name: value}), name) == value


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"crops": []}, "at least 1 item"),
        ({"crops": [1.0, 1.0]}, "1.0 is listed twice"),
        ({"crops": [0.04]}, "greater than or equal to 0.05"),
        ({"crops": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]}, "at most 6 items"),
        ({"nodes": 8, "max_nodes": 4}, "max_nodes is 4, below nodes = 8: increase it"),
        ({"layers": ["fc", "fc"]}, "'fc' is listed twice"),
        ({"layers": []}, "at least 1 item"),
        ({"tau": 1.5}, "valid integer"),
        ({"tua": 16}, "Extra inputs"),
        ({"margin": float("nan")}, "finite"),
    ],
)
def test_a_refusal_names_the_parameter(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        TraceParameters.model_validate(values)
