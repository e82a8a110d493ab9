"""How much of a job is done, and how long the rest will take."""

from __future__ import annotations

import pytest

from neurflow.terms.parameters import TraceParameters
from neurflow_worker.jobs.trace_plan import trace_plan
from neurflow_worker.running.plan import Plan, Stage

LAYERS = [
    {"name": "low", "channels": 24, "default": True},
    {"name": "middle", "channels": 48, "default": False},
    {"name": "high", "channels": 96, "default": True},
    {"name": "logits", "channels": 16, "default": True},
]


def test_the_fraction_is_finished_units_of_all() -> None:
    plan = Plan([Stage("a", 10), Stage("b", 30)])
    assert plan.fraction == 0
    plan.begin("a", 5)
    plan.advance(0.5, 1.0)
    assert plan.fraction == pytest.approx(5 / 40)
    plan.begin("b", 5)
    assert plan.fraction == pytest.approx(10 / 40)


def test_the_fraction_never_falls_when_a_stage_is_larger_than_planned() -> None:
    plan = Plan([Stage("a", 10), Stage("b", 10, each=1.0)])
    plan.begin("a", 1)
    plan.advance(1.0, 1.0)
    before = plan.fraction
    plan.begin("b", 1000)
    assert plan.fraction == before


def test_there_is_no_remaining_time_before_enough_was_measured() -> None:
    plan = Plan([Stage("loading", 10, "fixed"), Stage("a", 10), Stage("b", 30)])
    plan.begin("loading", 1)
    plan.advance(1.0, 60.0)
    assert plan.remaining_seconds is None  # does not help to estimate the rest
    plan.begin("a", 10)
    plan.advance(0.1, 0.5)
    assert plan.remaining_seconds is None
    plan.advance(0.5, 2.0)
    assert plan.remaining_seconds == pytest.approx(0.4 * (5 + 30))


def test_each_kind_of_stage_has_a_rate_weighted_by_finished_units() -> None:
    plan = Plan([Stage("a", 100), Stage("layer x", 40, "layer"), Stage("layer y", 60, "layer")])
    plan.begin("a", 1)
    plan.advance(1.0, 10.0)
    assert plan.remaining_seconds == pytest.approx(100 * 0.1)
    plan.begin("layer x", 1)
    plan.advance(1.0, 40.0)
    common, weight = 50 / 140, 0.05 * 200
    own = (40.0 + common * weight) / (40 + weight)
    assert common < own < 1.0
    assert plan.remaining_seconds == pytest.approx(60 * own)


def test_stages_finished_by_an_earlier_attempt_count_as_done() -> None:
    plan = Plan([Stage("a", 1), Stage("layer x", 8, "layer"), Stage("layer y", 1, "layer")])
    plan.begin("a", 1)
    plan.begin("layer y", 1)
    assert plan.fraction == pytest.approx(0.9)


def test_layers_are_known_by_several_names_and_unplanned_stages_are_added() -> None:
    plan = Plan([Stage("a", 1), Stage("layer x", 8, "layer")])
    plan.begin("surprise", 1)
    assert plan.begin("layer x.0", 1).name == "layer x"


def test_the_plan_of_a_trace_names_the_engine_s_stages_in_order() -> None:
    names = [stage.name for stage in trace_plan(TraceParameters(), LAYERS)]
    layers = ["layer logits", "layer high", "layer low"]
    assert names == ["loading", "graph", "images", "activations", *layers, "importance", "saving"]
    chosen = [stage.name for stage in trace_plan(TraceParameters(layers=("middle",)), LAYERS)]
    assert chosen[4:6] == ["layer logits", "layer middle"]


def test_a_layer_has_at_most_its_channels() -> None:
    stages = {stage.name: stage for stage in trace_plan(TraceParameters(tau=16, top_k=50), LAYERS)}
    assert stages["layer high"].units == 16 * 25
    assert stages["layer low"].units == pytest.approx(24 * 5)
    assert stages["activations"].units == 50 * (1 + 9 + 49)
