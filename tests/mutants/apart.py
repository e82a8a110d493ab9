"""Which mutants tests could tell from the original at all.

1. *Wording*: original and mutant are the same but for the texts inside ``raise``, warnings and the log.
2. *Guards*: they are the same but for ``strict=`` of ``zip``, which asserts what the code before it made true; or for
   the case of words that Python and NumPy read in any, such as ``utf-8``.
3. *Equivalent*: the mutant does what the original does. Each such one stands in ``equivalent.txt``, with its reason.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ANY_CASE = {"utf-8", "stable", "inf", "nan"}
_TALKS = {"debug", "info", "warning", "error", "exception", "warn"}
Change = tuple[str, str, str]
"""Function, removed text, added text."""


@dataclass(frozen=True)
class Mutant:
    """A changed function.

    Attributes:
        name: ``package.module.x_function__mutmut_3``, as mutmut calls it.
        before: source of the function.
        after: source of the mutant, under the function's name.
    """

    name: str
    before: str
    after: str

    @property
    def module(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def function(self) -> str:
        mangled = self.name.rpartition(".")[2].partition("__mutmut_")[0]
        return f"{self.module}.{mangled.removeprefix('x').strip('_ǁ').replace('ǁ', '.')}"

    def change(self) -> Change:
        lines = list(difflib.ndiff(self.before.splitlines(), self.after.splitlines()))
        gone, come = (" ".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in ("- ", "+ "))
        return self.function, gone, come


class _Plain(ast.NodeTransformer):
    """Replaces each text that only users read by one text, and removes guards."""

    def __init__(self) -> None:
        self._talking = 0

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return self._silenced(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "zip":
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "strict"]
        if isinstance(node.func, ast.Attribute) and node.func.attr in _TALKS:
            return self._silenced(node)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str):
            return node
        if self._talking:
            return ast.Constant("text")
        return ast.Constant(node.value.lower()) if node.value.lower() in _ANY_CASE else node

    def _silenced(self, node: ast.AST) -> ast.AST:
        self._talking += 1
        node = self.generic_visit(node)
        self._talking -= 1
        return node


def only_wording(mutant: Mutant) -> bool:
    """Return whether the mutant differs only in texts for users and in guards."""
    before, after = (ast.dump(_Plain().visit(ast.parse(source))) for source in (mutant.before, mutant.after))
    return before == after


def read_mutants(path: Path, module: str) -> list[Mutant]:
    """The mutants in the file that mutmut made of ``module``."""
    text = path.read_text("utf-8")
    functions = {
        node.name: node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "__mutmut_" in node.name
    }
    lines = text.splitlines()

    def source(name: str) -> str:
        node = functions[name]
        own = lines[node.lineno - 1 : node.end_lineno]
        cut = "\n".join(line[node.col_offset :] for line in own)
        return cut.replace(name, name.partition("__mutmut_")[0], 1)

    return [
        Mutant(f"{module}.{name}", source(name.partition("__mutmut_")[0] + "__mutmut_orig"), source(name))
        for name in functions
        if not name.endswith("__mutmut_orig")
    ]


def read_equivalent(path: Path) -> Mapping[Change, str]:
    """The changes of ``equivalent.txt`` with their reasons.

    Raises:
        ValueError: an entry is not made of function, removed text, added text and reason.
    """
    found: dict[Change, str] = {}
    for entry in path.read_text("utf-8").split("\n\n"):
        lines = [line for line in entry.splitlines() if line and not line.startswith("#")]
        if not lines:
            continue
        if len(lines) != 4 or [line[:2] for line in lines[1:]] != ["- ", "+ ", "= "]:
            raise ValueError(f"{path.name}: write the function, then lines with '- ', '+ ' and '= ', not {lines}")
        found[lines[0], lines[1][2:], lines[2][2:]] = lines[3][2:]
    return found
