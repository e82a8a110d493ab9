"""``docs/file-format.md`` describes each key of each object, and its examples are valid."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter

from neurflow.result.circuit import FORMAT, FORMAT_VERSION, Circuit, Group, Neuron
from neurflow.terms.parameters import TraceParameters, ranges
from tests.engine.circuits import CIRCUIT

PAGE = (Path(__file__).parents[2] / "docs" / "file-format.md").read_text("utf-8")


def sections() -> dict[str, str]:
    title, *parts = re.split(r"^## +(.+)\n", PAGE, flags=re.MULTILINE)
    assert title.startswith("# ")
    return dict(zip(parts[::2], parts[1::2], strict=True))


def objects(kind: Any) -> Iterator[type]:
    """Yield ``kind`` and each dataclass that it contains, at any depth."""
    if isinstance(kind, type) and is_dataclass(kind):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from objects(hint)
    for argument in get_args(kind):
        yield from objects(argument)


OBJECTS = sorted(set(objects(Circuit)), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", OBJECTS, ids=lambda kind: kind.__name__)
def test_each_key_is_described_in_the_order_of_the_file(kind: Any) -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|([^|]+)\|[^|]*\|[^|]+\|$", sections()[kind.__name__], re.MULTILINE)
    assert [name for name, _ in rows] == [field.name for field in fields(kind)]
    for name, type_named in rows:
        hint = get_type_hints(kind)[name]
        inner = [held.__name__ for held in objects(hint)][:1]
        assert re.findall(r"\[(\w+)\]\(#\w+\)", type_named) == inner
        assert ("null" in type_named) == (type(None) in get_args(hint))
        assert ("array" in type_named) == ("tuple" in str(hint))


def test_ranges_of_parameters_equal_the_code_s() -> None:
    stated = dict(re.findall(r"^\| `(\w+)` \| (?:int|float) \|([^|]+)\|", sections()["TraceParameters"], re.MULTILINE))
    words = {1e-9: "0", 2**31 - 1: "2³¹ − 1"}
    for name, (low, high) in ranges(TraceParameters).items():
        ends = re.split(r"…|, ", stated.pop(name).strip(" []("))
        assert ends == [
            "`nodes`" if name == "max_nodes" else words.get(low, f"{low:,}".replace("-", "−")),
            words.get(high, f"{high:,}"),
        ], name
    assert stated == {}


def test_links_have_headings_as_targets() -> None:
    headings = {heading.lower().replace(" ", "-") for heading in sections()}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= headings


def test_the_version_equals_the_code_s() -> None:
    assert f"This page describes version {FORMAT_VERSION}." in PAGE
    assert f"| `format` | string | `{FORMAT}` |" in PAGE


@pytest.mark.parametrize(("kind", "known"), [(Neuron, CIRCUIT.neurons), (Group, CIRCUIT.groups)])
def test_the_examples_are_valid(kind: type, known: tuple[Any, ...]) -> None:
    example = re.search(r"```json\n(.*?)```", sections()[kind.__name__], re.DOTALL)
    assert example is not None
    value: Any = TypeAdapter(kind).validate_json(example[1], strict=True)
    assert json.loads(example[1]).keys() == {field.name for field in fields(kind)}
    if kind is Neuron:
        assert value in known
