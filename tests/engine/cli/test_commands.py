"""The command ``neurflow`` itself: starts quickly, accepts other packages' commands, reports errors in one line."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints, version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from neurflow.cli import main
from neurflow.cli.commands import summary
from neurflow.terms.errors import Cancelled, NumericalError, ParameterError, StorageError
from tests.engine.cli.workplace import run

LIST = """
import sys
from click.testing import CliRunner
from neurflow.cli import main
for arguments in {arguments!r}:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == {code}, result.output
print(sorted({{"torch", "timm", "sklearn", "numpy", "pydantic"}} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([["--help"], ["--version"], ["trace", "--help"], ["layers", "--help"], ["train-demo", "--help"]], 0),
        ([["trace"], ["spin"], ["trace", "--colour"]], 2),
    ],
)
def test_help_and_usage_import_no_large_package(arguments: list[list[str]], code: int) -> None:
    command = [sys.executable, "-c", LIST.format(arguments=arguments, code=code)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert result.stdout == "[]\n"


def test_an_out_of_range_value_is_reported_before_heavy_imports() -> None:
    asked = ["trace", "--network", "n", "--data", "d", "--class", "c", "--out", "o", "--tau", "0"]
    command = [sys.executable, "-c", LIST.format(arguments=[asked], code=2)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert result.stdout == "[]\n"


def test_the_version_is_printed() -> None:
    assert run("--version").stdout == f"neurflow, version {version('neurflow-explorer')}\n"


def test_each_command_is_listed_with_its_line_and_documents_each_option() -> None:
    shown = run("--help").stdout
    with click.Context(main) as context:
        for name in ("trace", "layers", "validate", "train-demo"):
            command = main.get_command(context, name)
            assert command is not None
            assert command.short_help and command.short_help in " ".join(shown.split())
            assert [
                option.name for option in command.params if isinstance(option, click.Option) and not option.help
            ] == []


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package ``other`` that adds the commands ``greet`` and ``broken``, and tries to replace ``trace``."""
    package = tmp_path / "other"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "greet.py").write_text(
        '"""Greet somebody.\n\nAt length."""\nimport click\n\n'
        '@click.command()\n@click.argument("name")\ndef command(name):\n    click.echo(f"Hello {name}")\n'
    )
    (package / "trace.py").write_text('"""Not ours."""\nraise RuntimeError\n')
    values = {"greet": "other.greet:command", "trace": "other.trace:command", "broken": "other.missing:command"}
    entries = EntryPoints(EntryPoint(name, value, "neurflow.commands") for name, value in values.items())
    monkeypatch.setattr("neurflow.cli.commands.entry_points", lambda group: entries.select(group=group))
    monkeypatch.syspath_prepend(tmp_path)
    yield_to = [name for name in sys.modules if name.split(".")[0] == "other"]
    for name in yield_to:
        monkeypatch.delitem(sys.modules, name)
    return package


@pytest.mark.usefixtures("other")
def test_another_package_adds_a_command_and_is_not_imported_for_the_list() -> None:
    shown = run("--help").stdout
    assert "greet       Greet somebody.\n" in shown
    assert "other.greet" not in sys.modules
    assert run("greet", "Ada").stdout == "Hello Ada\n"


@pytest.mark.usefixtures("other")
def test_a_command_of_the_engine_is_not_replaced() -> None:
    assert "Not ours" not in run("--help").stdout
    assert "other.trace" not in sys.modules
    assert "--network" in run("trace", "--help").stdout


@pytest.mark.usefixtures("other")
def test_a_broken_package_is_listed_and_fails_when_called() -> None:
    assert "broken" in run("--help").stdout
    with pytest.raises(ModuleNotFoundError):
        run("broken")


def test_a_module_without_a_docstring_has_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "silent_command.py").write_text("import nothing_of_the_kind\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert summary(EntryPoint("x", "silent_command:command", "neurflow.commands")) == ""


def test_an_unknown_command_is_a_usage_error() -> None:
    result = run("trase")
    assert result.exit_code == 2
    assert "trase" in result.stderr


@pytest.mark.parametrize(
    ("error", "code", "shown"),
    [
        (ParameterError("tau is 0: choose more"), 2, "error: tau is 0: choose more"),
        (NumericalError("layer 'x' gives NaN"), 2, "error: layer 'x' gives NaN"),
        (StorageError("the disk is full"), 2, "error: the disk is full"),
        (Cancelled("enough"), 2, "error: enough"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (
            ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn"),
            1,
            "error: torch is not installed: pip install 'neurflow-explorer[worker]'",
        ),
        (
            ModuleNotFoundError("No module named 'sqlalchemy'", name="sqlalchemy"),
            1,
            "error: sqlalchemy is not installed: pip install 'neurflow-explorer[store]'",
        ),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    error: BaseException, code: int, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path) -> None:
        raise error

    monkeypatch.setattr("neurflow.result.file_format.validate_folder", fail)
    result = run("validate", "here")
    assert (result.exit_code, result.stderr, result.stdout) == (code, f"{shown}\n", "")


@pytest.mark.parametrize("error", [RuntimeError("a bug"), ModuleNotFoundError("No module named 'x'", name="x")])
def test_an_unexpected_error_keeps_its_traceback(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> None:
        raise error

    monkeypatch.setattr("neurflow.result.file_format.validate_folder", fail)
    result = CliRunner().invoke(main, ["validate", "here"])
    assert result.exception is error
