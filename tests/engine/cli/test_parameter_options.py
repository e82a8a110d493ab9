"""Every field of the parameters is an option, with the default and the text of its dataclass."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from neurflow.cli.parameter_options import parameter_options, parameters_from
from neurflow.terms.parameters import MIB, Resources, TraceParameters, descriptions

CHANGED: dict[str, tuple[str, Any]] = {
    "images": ("--images 7", 7),
    "top_k": ("--top-k 9", 9),
    "tau": ("--tau 3", 3),
    "crops": ("--crops 1,0.75", (1.0, 0.75)),
    "layers": ("--layers layer1.0,layer4", ("layer1.0", "layer4")),
    "tokens": ("--tokens class", "class"),
    "nodes": ("--nodes 5", 5),
    "max_nodes": ("--max-nodes 40", 40),
    "completeness": ("--completeness 0.01", 0.01),
    "margin": ("--margin 1.5", 1.5),
    "max_semantic_groups": ("--max-semantic-groups 2", 2),
    "min_silhouette": ("--min-silhouette -0.5", -0.5),
    "max_groups": ("--max-groups 6", 6),
    "exemplars": ("--exemplars 4", 4),
    "held_out": ("--held-out 0", 0),
    "seed": ("--seed 11", 11),
    "device": ("--device cuda:1", "cuda:1"),
    "batch_size": ("--batch-size 8", 8),
    "cache_bytes": ("--cache 3", 3 * MIB),
    "mixed_precision": ("--mixed-precision", True),
}


def parse(*arguments: str) -> tuple[TraceParameters, Resources]:
    parsed: list[tuple[TraceParameters, Resources]] = []

    @click.command()
    @parameter_options(TraceParameters)
    @parameter_options(Resources)
    def command(**options: Any) -> None:
        parsed.append((parameters_from(TraceParameters, options), parameters_from(Resources, options)))

    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return parsed[0]


def test_without_options_the_defaults_of_the_dataclasses_are_used() -> None:
    assert parse() == (TraceParameters(), Resources())


def test_these_tests_cover_every_field() -> None:
    assert list(CHANGED) == [field.name for kind in (TraceParameters, Resources) for field in fields(kind)]


@pytest.mark.parametrize("name", CHANGED)
def test_each_option_reaches_its_field_and_no_other(name: str) -> None:
    option, value = CHANGED[name]
    parameters, resources = TraceParameters(), Resources()
    if name in {field.name for field in fields(Resources)}:
        resources = replace(resources, **{name: value})
    else:
        parameters = replace(parameters, **{name: value})
    assert parse(*option.split()) == (parameters, resources)
    assert (parameters, resources) != (TraceParameters(), Resources())


def test_help_is_the_dataclass_s_and_the_cache_is_in_mib() -> None:
    @click.command()
    @parameter_options(TraceParameters)
    @parameter_options(Resources)
    def command(**options: Any) -> None:
        """Do nothing."""

    options = {option.name: option for option in command.params if isinstance(option, click.Option)}
    assert list(options) == list(CHANGED)
    assert options["exemplars"].help == "Maximum number of exemplar patches of a group, 1…100."
    told = descriptions(TraceParameters) | descriptions(Resources)
    assert {name: option.help for name, option in options.items()} == told | {
        "cache_bytes": options["cache_bytes"].help
    }
    assert options["crops"].default == "1,0.5,0.25"
    assert options["cache_bytes"].opts == ["--cache"]
    assert options["cache_bytes"].default == Resources().cache_bytes // MIB
    assert str(options["cache_bytes"].help).endswith("in MiB.")
    shown = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    assert shown.count("[default: ") == len(CHANGED) - 2, "all but layers, which has none, and a switch"
