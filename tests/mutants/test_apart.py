"""Which mutants count, and how the score is computed from a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.__main__ import by_module, drawn, estimate
from tests.mutants.apart import Mutant, only_wording, read_equivalent, read_mutants
from tests.mutants.targets import TARGETS

FILE = """
class Sum:
    def xǁSumǁof__mutmut_orig(self, a, b):
        return a + b
    def xǁSumǁof__mutmut_1(self, a, b):
        return a - b

def x_first__mutmut_orig(values):
    if not values:
        raise ValueError("no values")
    return values[0]

def x_first__mutmut_1(values):
    if not values:
        raise ValueError("XXno valuesXX")
    return values[0]

def x_first__mutmut_2(values):
    if values:
        raise ValueError("no values")
    return values[0]
"""


def _mutant(before: str, after: str) -> Mutant:
    return Mutant("package.module.x_f__mutmut_1", before, after)


def test_mutants_are_read_with_what_they_change(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(FILE, encoding="utf-8")
    changes = {mutant.name: mutant.change() for mutant in read_mutants(path, "package.module")}
    assert changes == {
        "package.module.xǁSumǁof__mutmut_1": ("package.module.Sum.of", "return a + b", "return a - b"),
        "package.module.x_first__mutmut_1": (
            "package.module.first",
            'raise ValueError("no values")',
            'raise ValueError("XXno valuesXX")',
        ),
        "package.module.x_first__mutmut_2": ("package.module.first", "if not values:", "if values:"),
    }


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ('raise ValueError("no " + name)', 'raise ValueError("XXno XX" + name)', True),
        ('_log.error("lost", job=job)', '_log.error("LOST", job=job)', True),
        ('warnings.warn("old")', 'warnings.warn("OLD")', True),
        ("list(zip(a, b, strict=True))", "list(zip(a, b, strict=False))", True),
        ("list(zip(a, b, strict=True))", "list(zip(a, b, ))", True),
        ('text.encode("utf-8")', 'text.encode("UTF-8")', True),
        ('float("nan")', 'float("NAN")', True),
        ('text.encode("utf-8")', 'text.encode("XXutf-8XX")', False),
        ('raise ValueError("no name")', "raise ValueError(None)", False),
        ('raise ValueError(f"{n + 1} names")', 'raise ValueError(f"{n - 1} names")', False),
        ('_log.error("lost", job=job)', '_log.error("lost", job=None)', False),
        ('values["key"]', 'values["KEY"]', False),
        ("list(zip(a, b, strict=True))", "list(zip(a, None, strict=True))", False),
    ],
)
def test_wording_and_guards_do_not_count(before: str, after: str, same: bool) -> None:
    assert only_wording(_mutant(before, after)) is same


def test_known_equivalent_mutants_have_reasons(tmp_path: Path) -> None:
    path = tmp_path / "equivalent.txt"
    path.write_text("# Head\n\nm.f\n- a\n+ b\n= the same\n\nm.g\n- c\n+ d\n= too\n", encoding="utf-8")
    assert read_equivalent(path) == {("m.f", "a", "b"): "the same", ("m.g", "c", "d"): "too"}
    path.write_text("m.f\n- a\n+ b\n", encoding="utf-8")
    with pytest.raises(ValueError, match="equivalent.txt: write the function, then lines with"):
        read_equivalent(path)


def test_the_repository_s_list_of_equivalent_mutants_can_be_read() -> None:
    read_equivalent(Path(__file__).with_name("equivalent.txt"))


def test_the_tests_of_the_targets_exist() -> None:
    root = Path(__file__).parents[2]
    for target in TARGETS.values():
        assert [name for name in target.tests if name.startswith("tests/") and not (root / name).exists()] == []


def test_a_sample_draws_equally_from_each_module_and_is_reproducible() -> None:
    mutants = [Mutant(f"p.{module}.x_f__mutmut_{i}", "", "") for module in "ab" for i in range(10)]
    chosen = drawn(mutants, 3, 1)
    assert [mutant.module for mutant in chosen] == ["p.a"] * 3 + ["p.b"] * 3
    assert chosen == drawn(mutants, 3, 1) != drawn(mutants, 3, 2)
    assert drawn(mutants, 0, 1) == mutants


def test_the_score_weighs_modules_by_their_mutants() -> None:
    mutants = [Mutant(f"p.a.x_f__mutmut_{i}", "", "") for i in range(90)]
    mutants += [Mutant(f"p.b.x_f__mutmut_{i}", "", "") for i in range(10)]
    states = {f"p.a.x_f__mutmut_{i}": "killed" if i < 8 else "survived" for i in range(10)}
    states |= {f"p.b.x_f__mutmut_{i}": "timeout" if i < 5 else "no tests" for i in range(10)}
    modules = by_module(mutants, states)
    assert modules == {"p.a": (8, 10, 90), "p.b": (5, 10, 10)}
    score, margin = estimate(list(modules.values()))
    assert score == pytest.approx(0.9 * 0.8 + 0.1 * 0.5)
    # b was tried as a whole, so that only a's part is uncertain: 9 of 12 with one more of each kind.
    assert margin == pytest.approx(1.96 * 0.9 * (8 / 9 * 0.75 * 0.25 / 10) ** 0.5)
