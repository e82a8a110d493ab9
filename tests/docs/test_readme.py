"""The README is true: its commands parse, its links have targets, its defaults are the code's."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import click
import pytest

import neurflow
from neurflow.cli import main
from neurflow.terms.parameters import TraceParameters

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("line", [line for line in COMMANDS if "neurflow" in line])
def test_every_command_is_accepted_by_the_command_line(line: str) -> None:
    program, name, *arguments = shlex.split(line)
    assert program == ".venv/bin/neurflow"
    command = main.get_command(click.Context(main), name)
    assert command is not None
    command.make_parser(click.Context(command)).parse_args(arguments)


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("make")])
def test_every_make_target_exists(line: str) -> None:
    target = line.split()[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_test_command_is_what_ci_runs() -> None:
    assert "make test" in COMMANDS
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().endswith("exec make test")


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", TEXT))))
def test_every_link_has_a_file(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_python_example_uses_names_that_exist() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    used = {
        node.attr
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "neurflow"
    }
    assert used
    assert used <= set(neurflow.__all__)


def test_every_parameter_is_in_the_table_with_its_default() -> None:
    defaults = TraceParameters()
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", TEXT, re.MULTILINE)
    stated = {}
    for names, values in rows:
        keys = re.findall(r"`(\w+)`", names)
        stated.update({keys[0]: values} if len(keys) == 1 else dict(zip(keys, values.split(", "), strict=True)))
    assert set(stated) == set(vars(defaults))
    for name, value in vars(defaults).items():
        if isinstance(value, int | float | str):
            shown = stated[name]
            assert (shown == value) if isinstance(value, str) else (float(shown) == value), name
