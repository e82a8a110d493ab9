"""Rules of the file format over whole ranges of values: accepted exactly where they hold."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from neurflow.terms.errors import FormatError
from tests.engine.circuit_trees import message, put, read, tree


@given(st.integers())
def test_a_channel_that_the_layer_lacks_is_refused(channel: int) -> None:
    assume(not 0 <= channel < 6)
    assert "neurons[3].channel: " in message(put(tree(), "neurons[3].channel", channel))


@given(st.integers(-5, 70), st.integers(-5, 70), st.integers(-5, 70), st.integers(-5, 70))
def test_a_box_is_accepted_exactly_if_it_is_inside_its_image(left: int, top: int, right: int, bottom: int) -> None:
    root = tree()
    box = {"left": left, "top": top, "right": right, "bottom": bottom}
    inside = set(range(left, right)) <= set(range(64)) and set(range(top, bottom)) <= set(range(48))
    put(root, "patches[1].box", box)
    put(root, "groups[2].exemplars[1].box", box)
    if inside and left < right and top < bottom:
        read(root)
    else:
        assert "patches[1].box: " in message(root)


@given(st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=2, max_size=2))
def test_weights_are_accepted_exactly_if_their_absolutes_sum_to_one(weights: list[float]) -> None:
    total = sum(map(abs, weights))
    assume(total == 0 or abs(abs(total - 1) - 1e-6) > 1e-9)
    root = tree()
    for position, weight in enumerate(weights):
        put(root, f"neurons[2].semantic_groups[0].weights[{position}].weight", weight)
    if total == 0 or abs(total - 1) < 1e-6:
        read(root)
    else:
        assert "neurons[2].semantic_groups[0].weights: the absolute weights sum to " in message(root)


def _paths(node: Any, here: str = "") -> list[str]:
    if isinstance(node, dict):
        inner = [path for key, value in node.items() for path in _paths(value, f"{here}.{key}")]
    elif isinstance(node, list):
        inner = [path for position, value in enumerate(node) for path in _paths(value, f"{here}[{position}]")]
    else:
        inner = []
    return inner + ([here.lstrip(".")] if here else [])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(_paths(tree())), ANYTHING)
def test_any_value_anywhere_gives_a_circuit_or_a_one_line_error(path: str, value: Any) -> None:
    problem = ""
    try:
        read(put(tree(), path, value))
    except FormatError as error:
        problem = str(error)
    assert len(problem.splitlines()) <= 1
