"""What ``import neurflow`` offers, and that it imports nothing large."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from importlib.metadata import version

import pytest

import neurflow
import neurflow.tracing


@pytest.mark.parametrize("name", neurflow.__all__)
def test_every_promised_name_exists(name: str) -> None:
    assert getattr(neurflow, name) is not None
    assert name in dir(neurflow)


def test_names_equal_those_of_the_modules() -> None:
    assert neurflow.trace is neurflow.tracing.trace
    assert neurflow.TraceParameters is neurflow.terms.parameters.TraceParameters
    assert neurflow.errors is importlib.import_module("neurflow.terms.errors")
    assert neurflow.__version__ == version("neurflow-explorer")


def test_no_module_hides_a_public_name() -> None:
    modules = {module.name for module in pkgutil.iter_modules(neurflow.__path__)}
    assert modules & set(neurflow.__all__) == set(), "importing such a module would hide what is offered"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'neurflow' has no attribute 'trase'"):
        getattr(neurflow, "trase")  # noqa: B009 - mypy knows that it is not there


def test_importing_it_imports_no_large_package() -> None:
    code = "import sys, neurflow; print(sorted({'torch', 'numpy', 'pydantic', 'click'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert result.stdout == "[]\n"
