"""``neurflow.terms`` alone defines a parameter's default and range: model, command line and pages are made from them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import ValidationError

from neurflow.cli.parameter_options import parameter_options
from neurflow.network.networks import load_network
from neurflow.network.preprocessing import adjust
from neurflow.terms.parameters import INPUT_SIZE, Range, TraceParameters, parameter
from neurflow_server.schemas.networks import NetworkIn
from neurflow_server.schemas.uploads import NetworkUpload
from neurflow_store.asking.network_options import NetworkOptions
from neurflow_store.asking.trace_parameters import model_of

FRONTEND = Path(__file__).parents[2] / "frontend"
NAMES = ("openapi.json", "parameters.ts")


@dataclass(frozen=True)
class Longer(TraceParameters):
    """The parameters of a trace and one more."""

    stride: int = parameter(3, "Step between windows.", Range(2, 7))


@dataclass(frozen=True)
class Switched(TraceParameters):
    """The parameters of a trace and one without a field on the pages."""

    mirrored: bool = parameter(False, "Whether images are mirrored.")


def _write(document: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    # As `npm.sh` finds it: the system's, else the environment's own.
    node = shutil.which("node", path=os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)]))
    if node is None:
        pytest.skip("what the pages are built with is not installed: make frontend")
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    command: list[str | Path] = [node, FRONTEND / "write_parameters.js", *(folder / name for name in NAMES)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def _written_for(kind: type, folder: Path) -> subprocess.CompletedProcess[str]:
    schemas = {"TraceParameters": model_of(kind).model_json_schema(), "NetworkIn": NetworkIn.model_json_schema()}
    return _write({"components": {"schemas": schemas}}, folder)


def test_the_pages_parameters_equal_the_document_s(tmp_path: Path) -> None:
    result = _write(json.loads((FRONTEND / "openapi.json").read_text("utf-8")), tmp_path)
    assert result.returncode == 0, result.stderr
    kept = (FRONTEND / "src" / "api" / "parameters.ts").read_text("utf-8")
    assert (tmp_path / "parameters.ts").read_text("utf-8") == kept, "run `make types`"


def test_a_new_parameter_needs_its_range_only_once(tmp_path: Path) -> None:
    model = model_of(Longer)
    assert model.model_json_schema()["properties"]["stride"] == {
        "default": 3,
        "description": "Step between windows.",
        "maximum": 7,
        "minimum": 2,
        "title": "Stride",
        "type": "integer",
    }
    for value in (1, 8):
        with pytest.raises(ValidationError):
            model.model_validate({"stride": value})

    command = parameter_options(Longer)(click.command()(lambda: None))
    (option,) = (one for one in command.params if one.name == "stride")
    assert isinstance(option, click.Option)
    assert (option.opts, option.default, option.help) == (["--stride"], 3, "Step between windows, 2…7.")

    result = _written_for(Longer, tmp_path)
    assert result.returncode == 0, result.stderr
    row = '  stride: {"kind":"whole","low":2,"high":7,"initial":"3"},'
    assert row in (tmp_path / "parameters.ts").read_text("utf-8").splitlines()


def test_the_range_of_a_network_s_input_size_is_defined_once(tmp_path: Path) -> None:
    low, high = INPUT_SIZE
    for text in (adjust.__doc__, load_network.__doc__):
        assert f"{low}…{high}" in str(text)
    for model in (NetworkOptions, NetworkUpload):
        (number, _) = model.model_json_schema()["properties"]["input_size"]["anyOf"]
        assert (number["minimum"], number["maximum"]) == (low, high)
    assert _written_for(Longer, tmp_path).returncode == 0
    row = f'export const INPUT_SIZE_RANGE = {{"low":{low},"high":{high}}} as const;'
    assert row in (tmp_path / "parameters.ts").read_text("utf-8").splitlines()


def test_a_parameter_without_a_field_on_the_pages_is_reported(tmp_path: Path) -> None:
    result = _written_for(Switched, tmp_path)
    assert result.returncode != 0
    assert "mirrored: boolean has no kind of field" in result.stderr
    assert not (tmp_path / "parameters.ts").exists()
